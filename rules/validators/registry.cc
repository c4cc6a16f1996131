#include <algorithm>
#include <iterator>

#include "rules/validators.h"
#include "rules/validators/accounts.h"
#include "rules/validators/cards.h"
#include "rules/validators/cn_business.h"
#include "rules/validators/cn_identity.h"
#include "rules/validators/cn_phone.h"
#include "rules/validators/cn_travel.h"
#include "rules/validators/crypto.h"
#include "rules/validators/dates.h"
#include "rules/validators/greater_china.h"
#include "rules/validators/international.h"
#include "rules/validators/network.h"
#include "rules/validators/phone.h"
#include "rules/validators/places.h"
#include "rules/validators/secrets.h"
#include "rules/validators/uk.h"
#include "rules/validators/us.h"
#include "rules/validators/vehicle.h"
#include "rules/validators/web.h"
#include "rules/validators/wechat.h"

namespace privet {
namespace {

// Sorted by name, so that FindValidator can search by halves.
constexpr ValidatorEntry kValidators[] = {
    {"aba_routing", "ABA routing number, ranges and weights 3-7-1", CheckAbaRouting},
    {"bare_domain", "host without a scheme under a known top-level domain", CheckBareDomain},
    {"basic_credentials", "Base64 of a name, ':' and a password (RFC 7617)", CheckBasicCredentials},
    {"birth_year", "a year in which a person can have been born", CheckBirthYear},
    {"btc_address", "Bitcoin address, Base58Check or Bech32 (BIP 173, 350)", CheckBtcAddress},
    {"cn_bank_card", "bank prefix with its length, Luhn (ISO/IEC 7812)", CheckCnBankCard},
    {"cn_driver_file_number", "12 digits that begin with a prefecture", CheckCnDriverFileNumber},
    {"cn_driver_license", "the holder's identity number (GB 11643)", CheckCnDriverLicense},
    {"cn_foreigner_id", "permanent residence card: country, date, check digit (2004 and 2023 forms)",
     CheckCnForeignerId},
    {"cn_hk_macau_permit", "prefix and length of travel permits to and from Hong Kong and Macau",
     CheckCnHkMacauPermit},
    {"cn_landline", "area code and its length of local numbers", CheckCnLandline},
    {"cn_license_plate", "forms of plates (GA 36)", CheckCnLicensePlate},
    {"cn_military_id", "service mark and 4 to 8 digits", CheckCnMilitaryId},
    {"cn_mobile", "operator's prefix and segment table", CheckCnMobile},
    {"cn_org_code", "organisation code, check character modulo 11 (GB 11714)", CheckCnOrgCode},
    {"cn_passport", "prefix and length of passports of China, Hong Kong and Macau", CheckCnPassport},
    {"cn_postcode", "first digits given to a province", CheckCnPostcode},
    {"cn_residence_permit", "810000, 820000 or 830000, birth date, MOD 11-2 (GB 11643)",
     CheckCnResidencePermit},
    {"cn_resident_id_15", "county code and birth date of the 15-digit form", CheckCnResidentId15},
    {"cn_resident_id_18", "MOD 11-2, birth date, county code of the time (GB 11643)", CheckCnResidentId18},
    {"cn_service_number", "400, 800, 95, 96, 10, 12 and 11x numbers", CheckCnServiceNumber},
    {"cn_social_security", "identity number, or an account of 8 to 12 digits", CheckCnSocialSecurity},
    {"cn_taiwan_permit", "prefix and length of travel permits to and from Taiwan", CheckCnTaiwanPermit},
    {"cn_tax_id", "credit code, registration number (ISO 7064 MOD 11,10) or identity number", CheckCnTaxId},
    {"cn_uscc", "unified social credit code, modulo 31 and the code inside (GB 32100)", CheckCnUscc},
    {"credit_card", "issuer range with its lengths, Luhn (ISO/IEC 7812)", CheckCreditCard},
    {"crypto_address", "any of Bitcoin, Ethereum and Tron", CheckCryptoAddress},
    {"date_of_birth", "a calendar date on which a person can have been born", CheckDateOfBirth},
    {"date_time", "a calendar date or a time of day", CheckDateTime},
    {"email", "mailbox and host (RFC 5321), known top-level domain", CheckEmail},
    {"eth_address", "Ethereum address, mixed-case checksum (EIP-55)", CheckEthAddress},
    {"geo_coordinates", "latitude within 90 and longitude within 180 degrees", CheckGeoCoordinates},
    {"hk_id", "check digit of Hong Kong identity cards, modulo 11", CheckHkId},
    {"home_folder", "a folder below /home or Users that is a person's", CheckHomeFolder},
    {"iban", "length and structure by country, MOD 97-10 (ISO 13616)", CheckIban},
    {"imei", "Luhn over 15 digits, or 14 digits of a known reporting body (3GPP TS 23.003)", CheckImei},
    {"ipv4", "four octets, optional prefix length", CheckIpv4},
    {"ipv6", "text forms of RFC 4291, zone, prefix length", CheckIpv6},
    {"jwt", "header of a JSON Web Token (RFC 7519)", CheckJwt},
    {"life_span", "two dates as far apart as birth and death, or a birth with an open end", CheckLifeSpan},
    {"luhn", "Luhn formula (ISO/IEC 7812-1)", CheckLuhn},
    {"mac_address", "EUI-48 in its notations", CheckMacAddress},
    {"macau_id", "form of Macau identity cards", CheckMacauId},
    {"passport_zone", "check digits of the lower line of a machine-readable passport (ICAO 9303)",
     CheckPassportZone},
    {"phone_any", "numbering plans (libphonenumber): with country code, or of CN, US, HK, MO, TW or GB",
     CheckPhoneAny},
    {"phone_international",
     "numbering plans (libphonenumber), with country code; Ofcom's numbers for fiction",
     CheckPhoneInternational},
    {"phone_labelled", "as many digits as phones have; no date, address or pair of numbers",
     CheckPhoneLabelled},
    {"phone_uk", "numbering plan of Britain (libphonenumber), with Ofcom's numbers for fiction",
     CheckPhoneUk},
    {"phone_unmarked", "numbering plans (libphonenumber), with country code but without +",
     CheckPhoneUnmarked},
    {"phone_us", "North American numbering plan (libphonenumber)", CheckPhoneUs},
    {"random_token", "letters and digits, or small and capital letters, take turns", CheckRandomToken},
    {"secret_entropy", "not a placeholder, and varied enough (Shannon entropy)", CheckSecretEntropy},
    {"swift", "business identifier code with a known country (ISO 9362)", CheckSwift},
    {"tron_address", "Tron address, Base58Check", CheckTronAddress},
    {"tw_id", "check digit of Taiwan identity cards and resident certificates", CheckTwId},
    {"tw_ubn", "check digit of unified business numbers, modulo 5 since 2023", CheckTwUbn},
    {"uk_nhs", "NHS number, modulo 11", CheckUkNhs},
    {"uk_nino", "prefixes given out", CheckUkNino},
    {"url", "host under a known top-level domain, or a scheme", CheckUrl},
    {"url_password", "letters and digits, varied, and no placeholder", CheckUrlPassword},
    {"us_driver_license", "form of a state's licences", CheckUsDriverLicense},
    {"us_ein", "prefixes given out", CheckUsEin},
    {"us_itin", "ranges given out", CheckUsItin},
    {"us_npi", "Luhn with prefix 80840", CheckUsNpi},
    {"us_passport", "nine digits, or a letter and eight", CheckUsPassport},
    {"us_ssn", "area, group and serial that are given out", CheckUsSsn},
    {"uuid", "form of RFC 9562", CheckUuid},
    {"vin", "check digit of vehicle identification numbers (49 CFR 565)", CheckVin},
    {"wechat_name", "6 to 20 characters; no word of code, constant, or product and its version",
     CheckWechatName},
};

constexpr bool IsSortedByName() {
  for (size_t i = 1; i < std::size(kValidators); ++i) {
    if (kValidators[i - 1].name >= kValidators[i].name) return false;
  }
  return true;
}
static_assert(IsSortedByName());

}  // namespace

std::span<const ValidatorEntry> Validators() { return kValidators; }

const ValidatorEntry* FindValidator(std::string_view name) {
  const ValidatorEntry* found = std::lower_bound(
      std::begin(kValidators), std::end(kValidators), name,
      [](const ValidatorEntry& entry, std::string_view wanted) { return entry.name < wanted; });
  return found != std::end(kValidators) && found->name == name ? found : nullptr;
}

}  // namespace privet

"""Two processes, each on a GPU of its own, learn over NCCL what one learns. Also a program, for machines without pytest;
PRIVET_BIN names the folder of a trainer built with -DPRIVET_CUDA=ON."""

import os
import pathlib
import shutil
import subprocess
import tempfile
import unittest

from trainers import difference, finish, kill_started, losses, start, write_run

ON_CUDA = "compute.device=cuda"


def device_count() -> int:
    visible = os.environ.get("CUDA_VISIBLE_DEVICES")
    if visible is not None:
        return sum(device != "" for device in visible.split(","))
    if shutil.which("nvidia-smi") is None:
        return 0
    listed = subprocess.run(["nvidia-smi", "--list-gpus"], text=True, stdout=subprocess.PIPE)
    return listed.stdout.count("UUID") if listed.returncode == 0 else 0


DEVICES = device_count()


class SeveralGpusTest(unittest.TestCase):
    def setUp(self):
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        self.addCleanup(kill_started)  # before the folder goes
        self.folder = pathlib.Path(folder.name)
        write_run(self.folder)

    @unittest.skipIf(DEVICES < 2, "there are not two CUDA devices, and NCCL wants one for each process")
    def test_two_learn_what_one_learns(self):
        finish(start(self.folder, 1, "output=one", ON_CUDA), [0])
        (said, _), (quiet, quiet_errors) = finish(start(self.folder, 2, "output=two", ON_CUDA), [0, 0])
        self.assertIn("they add up over NCCL", said)
        self.assertEqual((quiet, quiet_errors), ("", ""), "the first speaks for both")
        one, two = losses(self.folder / "one"), losses(self.folder / "two")
        self.assertEqual(one.keys(), two.keys())
        self.assertLess(max(abs(one[step] - two[step]) for step in one), 1e-4)
        self.assertLess(one[12], 0.9 * one[1], "they learn")
        self.assertLess(difference(self.folder / "one/last", self.folder / "two/last"), 1e-4)

    @unittest.skipIf(DEVICES < 2, "there are not two CUDA devices, and NCCL wants one for each process")
    def test_one_that_fails_tells_the_other(self):
        (_, first), (_, second) = finish(
            start(self.folder, 2, "output=failed", ON_CUDA, of_rank={1: ["data.train=nowhere.jsonl"]}), [2, 2])
        self.assertIn("nowhere.jsonl: cannot be read", second)
        self.assertIn("stopped because of process 1: ", first)

    @unittest.skipIf(DEVICES < 2, "there are not two CUDA devices, and NCCL wants one for each process")
    def test_one_on_the_cpu_keeps_the_other_from_nccl(self):
        (said, _), _ = finish(
            start(self.folder, 2, "output=mixed", of_rank={0: [ON_CUDA]}), [0, 0])
        self.assertIn("they add up over Gloo", said)

    @unittest.skipIf(DEVICES < 1, "there is no CUDA device")
    def test_more_processes_than_devices_are_refused(self):
        count = DEVICES + 1
        processes = start(self.folder, count, "output=many", f"batch.accumulate={count}", ON_CUDA)
        try:
            (_, errors), = finish(processes[-1:], [2])
        finally:
            for process in processes[:-1]:
                process.kill()
                process.communicate()
        self.assertEqual(len(errors.splitlines()), 1, errors)
        self.assertIn(f"--nproc-per-node {DEVICES}", errors)


if __name__ == "__main__":
    unittest.main(verbosity=2)

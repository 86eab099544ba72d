"""The emulator of the suite itself: what one test made is not there for the next."""

from tests.aws.emulator import client, emulator, log_bucket


def test_an_emulator_leaves_nothing_for_the_next_one():
    for _ in range(2):
        with emulator() as address:
            log_bucket(address)

            assert len(client("s3", address).list_buckets()["Buckets"]) == 1

import zlib

from hypothesis import given
from hypothesis import strategies as st

from bongsu.kit.ids import uuid7
from bongsu.lake.frames import MAGIC, Frame, encode, groups, scan

WRITER = uuid7(0, bytes(10))
FRAMES = st.builds(
    Frame,
    table=st.sampled_from(["check_result", "access", "표"]),
    version=st.integers(1, 65535),
    writer=st.sampled_from([WRITER, uuid7(1, bytes(10))]),
    group=st.integers(0, 2**63),
    rows=st.binary(max_size=200),
)


@given(st.lists(FRAMES, max_size=6))
def test_what_was_written_is_read(frames: list[Frame]) -> None:
    block = b"".join(map(encode, frames))

    found = scan(block)

    assert [frame for frame, _ in found.frames] == frames
    assert (found.good_bytes, found.damaged_bytes) == (len(block), 0)


def test_a_tail_torn_at_any_byte_is_cut_to_the_frames_before_it() -> None:
    frames = [Frame("check_result", 1, WRITER, n, b"[%d]\n" % n * 7) for n in range(4)]
    blocks = list(map(encode, frames))
    block = b"".join(blocks)
    ends = [sum(map(len, blocks[: n + 1])) for n in range(len(blocks))]

    for size in range(len(block) + 1):
        found = scan(block[:size])

        whole = [end for end in ends if end <= size]
        assert [end for _, end in found.frames] == whole
        assert found.good_bytes == max(whole, default=0)


def test_a_frame_damaged_at_any_byte_costs_only_itself() -> None:
    frames = [Frame("check_result", 1, WRITER, n, b"[1]\n" * 9) for n in range(3)]
    first, second, third = map(encode, frames)

    for place in range(len(second)):
        bad = bytearray(second)
        bad[place] ^= 0xFF
        found = scan(first + bytes(bad) + third)

        assert [frame for frame, _ in found.frames] == [frames[0], frames[2]]
        assert found.damaged_bytes == len(second)


@given(st.binary(max_size=400))
def test_noise_is_never_taken_for_a_frame(noise: bytes) -> None:
    found = scan(MAGIC + noise)

    assert found.frames == ()


def test_the_checksum_covers_the_group_and_the_table() -> None:
    block = encode(Frame("check_result", 1, WRITER, 7, b"[1]\n"))

    assert int.from_bytes(block[8:12], "big") == zlib.crc32(block[12:])


def test_frames_of_one_group_are_one_insert_a_table() -> None:
    frames = [
        Frame("check_result", 1, WRITER, 5, b"[1]\n"),
        Frame("access", 1, WRITER, 5, b"[a]\n"),
        Frame("check_result", 1, WRITER, 5, b"[2]\n"),
        Frame("check_result", 1, WRITER, 6, b"[3]\n"),
    ]
    found = scan(b"".join(map(encode, frames)))

    cut = list(groups(found.frames))

    assert [[(b.table, b.rows, b.token) for b in batches] for batches, _ in cut] == [
        [
            ("check_result", b"[1]\n[2]\n", f"{WRITER}-5-0"),
            ("access", b"[a]\n", f"{WRITER}-5-1"),
        ],
        [("check_result", b"[3]\n", f"{WRITER}-6-0")],
    ]
    assert [end for _, end in cut] == [found.frames[2][1], found.good_bytes]

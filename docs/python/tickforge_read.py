"""Reads rings: Ring gives the frames of a topic of a shared bus while it runs, with numpy alone. Recordings: tickforge_recording.py.

A frame is a dictionary from the name of a column to an array of its rows, (rows,) or (rows, width). Times are int64 nanoseconds since 1970.
What cannot be a ring or a frame raises Damaged, which says where and what. Nothing is ever written.
"""
import json
import mmap
import os
import struct
from urllib.parse import quote

import numpy as np

DTYPES = {"f64": "<f8", "f32": "<f4", "i64": "<i8", "i32": "<i4", "u32": "<u4", "i8": "i1", "u8": "u1"}
RING, RING_VERSION, FRAME = 0x47524654, 5, 0x4D524654
ORDINALS = (1 << 28) - 1


class Damaged(Exception):
    pass


def _table():
    crc = np.arange(256, dtype=np.uint32)
    for _ in range(8):
        crc = (crc >> 1) ^ np.where(crc & 1, np.uint32(0x82F63B78), np.uint32(0))
    return crc


TABLE = _table()


def crc32c(data, crc=0):
    """CRC-32C of bytes, or of more bytes after those that `crc` is of."""
    crc ^= 0xFFFFFFFF
    for byte in bytes(data):
        crc = crc >> 8 ^ int(TABLE[(crc ^ byte) & 0xFF])
    return crc ^ 0xFFFFFFFF


class Layout:
    """Where the columns of a topic's frame lie."""

    def __init__(self, topic):
        self.topic, self.rows = topic, topic["rows"]
        self.columns, at, shape = [], 64, [topic["rows"]]
        for name, column in topic["columns"].items():
            dtype, width = np.dtype(DTYPES[column["dtype"]]), column.get("width", 1)
            self.columns.append((name, dtype, width, at))
            at += -(-self.rows * width * dtype.itemsize // 64) * 64
            shape.append([name, column["dtype"], width])
        self.stride = at
        self.schema = crc32c(json.dumps(shape, separators=(",", ":"), ensure_ascii=False).encode())

    def frame(self, data, where):
        """The sequence, the time and the columns of a frame's bytes; the columns are views of them."""
        magic, version, schema, _, rows, capacity, _, epoch, sequence, time = struct.unpack_from("<8Idq", data)
        if (magic, version, schema, capacity) != (FRAME, 1, self.schema, self.rows) or rows > capacity or epoch == 0:
            raise Damaged(f"{where}: no frame of topic '{self.topic['name']}'")
        shaped = lambda made, width: made if width == 1 else made.reshape(rows, width)
        return sequence, time, {n: shaped(np.frombuffer(data, d, rows * w, at), w) for n, d, w, at in self.columns}


def path_of(topic, namespace="default"):
    """Where a SharedBus of this user keeps the ring of a topic, on Linux."""
    return f"/dev/shm/tickforge-{os.getuid()}-{quote(namespace, safe='')}/{quote(topic, safe=chr(39) + '!()*~')}.ring"


class Ring:
    """Reads a ring without holding anybody up: what was overwritten before it was read is counted in `missed`."""

    def __init__(self, path):
        with open(path, "rb") as file:
            self.memory = mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ)
        magic, version, length, crc = struct.unpack_from("<4I", self.memory)
        if (magic, version) != (RING, RING_VERSION):
            raise Damaged(f"{path}: 0x{magic:x}, version {version}: no ring of version {RING_VERSION}")
        said = self.memory[64 : 64 + length]
        if crc32c(said) != crc:
            raise Damaged(f"{path}: the control block is damaged: its checksum is not 0x{crc:x}")
        self.path, self.said, self.missed, self.sequence = path, json.loads(said), 0, None
        self.layout = Layout(self.said["topic"])
        self.slots, spares = self.said["topic"]["slots"], self.said["spares"]
        if self.said["slots"] + self.layout.stride * (self.slots + spares) != self.said["total"] or self.said["total"] > len(self.memory):
            raise Damaged(f"{path}: {len(self.memory)} bytes are not those of its control block")
        self.words = np.frombuffer(self.memory, "<u4", self.said["slots"] // 4)
        self.next = self._oldest()

    def _head(self):
        return int(self.words[self.said["lines"] // 4]) & ORDINALS

    def _oldest(self):  # the place of the head itself is being written
        return self._head() - self.slots + 1 & ORDINALS

    def _behind(self):
        return (self._head() - self.next + (1 << 27) & ORDINALS) - (1 << 27)

    def symbols(self):
        """Names by their ids: the place in the list."""
        area, found, at = self.said["dictionary"], [], self.said["lines"] // 4 + 32 + 7
        while self.words[at] != 0:
            start = area + int(self.words[at]) - 1
            (size,) = struct.unpack_from("<H", self.memory, start + 4)
            found.append(self.memory[start + 6 : start + 6 + size].decode())
            at = start // 4
        return found

    def read(self):
        """The next frame, copied; None where there is none yet."""
        while self._behind() > 0:
            if self._behind() >= self.slots:
                self.next = self._oldest()
            slot = int(self.words[self.said["places"] // 4 + (self.next & self.slots - 1)])
            start = self.said["slots"] + slot * self.layout.stride
            copy = self.memory[start : start + self.layout.stride]
            if self._behind() >= self.slots:
                continue  # it was overwritten meanwhile
            ordinal, self.next = self.next, self.next + 1 & ORDINALS
            if copy[:4] == bytes(4):
                continue  # a place that nobody has written to since the ring began
            sequence, _, columns = self.layout.frame(copy, f"{self.path}: batch {ordinal}")
            if self.sequence is not None:
                self.missed += max(0, int(sequence) - self.sequence)
            self.sequence = int(sequence) + len(next(iter(columns.values())))
            return columns
        return None

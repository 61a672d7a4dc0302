"""Reads recordings: Recording gives the frames of a file of `tickforge record`, each held against its CRC-32C, as tickforge_read.py gives those
of rings. A file that is cut or was changed raises Damaged, which says at which byte.
"""
import json
import mmap
import struct
from functools import lru_cache

import numpy as np
from tickforge_read import FRAME, TABLE, Damaged, Layout
from tickforge_read import crc32c as crc32c_of_few

RECORDING = 0x43524654
LANES = 4096


def _apply(tables, crc):
    low, high = crc & np.uint32(0xFFFF), crc >> np.uint32(16)
    return tables[0][low & 255] ^ tables[1][low >> 8] ^ tables[2][high & 255] ^ tables[3][high >> 8]


@lru_cache
def _zeros(length):
    """What `length` bytes of zeros make of a checksum, and twice as many, and so on: a table for each of its bytes."""
    bits, made = np.uint32(1) << np.arange(32, dtype=np.uint32), []
    for _ in range(length):
        bits = bits >> np.uint32(8) ^ TABLE[bits & np.uint32(0xFF)]
    for _ in range(LANES.bit_length() - 1):
        set_in = np.arange(256)[:, None] >> np.arange(8) & 1
        made.append([np.bitwise_xor.reduce(np.where(set_in, bits[at : at + 8], np.uint32(0)), axis=1) for at in (0, 8, 16, 24)])
        bits = _apply(made[-1], bits)
    return made


def crc32c(data):
    """CRC-32C of bytes: of many, stretches side by side, then joined in pairs."""
    data = np.frombuffer(data, np.uint8)
    length = len(data) // LANES if len(data) >= 16 * LANES else 0
    front = len(data) - LANES * length
    crc = crc32c_of_few(data[:front])
    if length > 0:
        parts = np.zeros(LANES, np.uint32)
        parts[0] = crc ^ 0xFFFFFFFF
        for column in np.ascontiguousarray(data[front:].reshape(LANES, length).T):
            parts = parts >> np.uint32(8) ^ TABLE[(parts ^ column) & np.uint32(0xFF)]
        for tables in _zeros(length):
            parts = _apply(tables, parts[0::2]) ^ parts[1::2]
        crc = int(parts[0]) ^ 0xFFFFFFFF
    return crc


class Recording:
    """A file of frames, each held against its CRC-32C; `symbols` grows as they are read."""

    def __init__(self, path):
        with open(path, "rb") as file:
            self.memory = mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ)
        magic, version, self.start, length, crc = struct.unpack_from("<5I", self.memory)
        if (magic, version) != (RECORDING, 1) or crc32c(self._zeroed(0, self.start, 16)) != crc:
            raise Damaged(f"{path}: no recording, or its header is damaged")
        topic = json.loads(self.memory[64 : 64 + length])
        self.path, self.symbols, self.layout = path, list(topic.get("symbols", [])), Layout(topic)

    def _zeroed(self, start, size, at):
        data = bytearray(self.memory[start : start + size])
        data[at : at + 4] = bytes(4)
        return data

    def __iter__(self):
        at = self.start
        while at < len(self.memory):
            where = f"{self.path}: frame at byte {at}"
            if at + 64 > len(self.memory):
                raise Damaged(f"{where}: cut off")
            magic, kind, _, size = struct.unpack_from("<4I", self.memory, at)
            if magic != FRAME or size < 64 or at + size > len(self.memory):
                raise Damaged(f"{where}: no frame, or cut off")
            data = self._zeroed(at, size, 48)
            if crc32c(data) != struct.unpack_from("<I", self.memory, at + 48)[0]:
                raise Damaged(f"{where}: the checksum differs")
            if kind >> 16 == 0:
                yield self.layout.frame(data, where)[2]
            elif kind >> 16 == 1:
                self.symbols += json.loads(data[64:])
            at += size

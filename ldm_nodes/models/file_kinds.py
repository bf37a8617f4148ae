"""Naming what a file is from its first bytes, so that an error can say more than "not a checkpoint"."""

from __future__ import annotations

ZIP_MAGIC = b"PK\x03\x04"

# (offset, first bytes, what it is); the first row that matches wins.
_MAGIC: tuple[tuple[int, bytes, str], ...] = (
    (0, b"version https://git-lfs.github.com", "a Git LFS pointer (the large file itself was not downloaded)"),
    (0, b"PK\x05\x06", "an empty zip archive"),
    (0, ZIP_MAGIC, "a zip archive"),
    (0, b"7z\xbc\xaf\x27\x1c", "a 7z archive"),
    (0, b"Rar!\x1a\x07", "a RAR archive"),
    (0, b"\x1f\x8b", "a gzip archive"),
    (0, b"BZh", "a bzip2 archive"),
    (0, b"\xfd7zXZ\x00", "an xz archive"),
    (0, b"\x28\xb5\x2f\xfd", "a zstd archive"),
    (257, b"ustar", "a tar archive"),
    (0, b"GGUF", "a GGUF file"),
    (0, b"\x89HDF\r\n\x1a\n", "an HDF5 file (Keras weights)"),
    (0, b"\x93NUMPY", "a NumPy array"),
    (0, b"\x89PNG\r\n\x1a\n", "a PNG picture"),
    (0, b"\xff\xd8\xff", "a JPEG picture"),
    (0, b"GIF8", "a GIF picture"),
    (8, b"WEBP", "a WebP picture"),
    (0, b"%PDF", "a PDF document"),
    (0, b"\x7fELF", "a Linux program"),
    (0, b"MZ", "a Windows program"),
    (0, b"\x08\x07\x12", "an ONNX model"),
    (0, b"\x08\x08\x12", "an ONNX model"),
)


def describe_bytes(head: bytes) -> str:
    """Say what a file is from its first kilobyte, with an article: "a PNG picture", "empty"."""
    if not head:
        return "empty"
    for offset, magic, name in _MAGIC:
        if head[offset : offset + len(magic)] == magic:
            return name
    if not head.strip(b"\0"):
        return "filled with zeros (an unfinished download?)"
    return _describe_text(head) or "in a format that is not known here"


def _describe_text(head: bytes) -> str | None:
    text = head.decode("utf-8", "replace").lstrip("\ufeff \t\r\n").lower()
    if "\ufffd" in text[:-4] or "\0" in text:
        return None
    if text.startswith(("<!doctype html", "<html", "<head")):
        return "an HTML page (a failed download?)"
    if text.startswith(("{", "[")):
        return "a JSON text"
    return "a text file"

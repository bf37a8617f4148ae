from __future__ import annotations

import subprocess
import sys

MODULES = ("animation", "errors", "latent_file", "metadata", "naming", "palette", "reading", "saving", "watermark")


def test_files_and_marks_do_not_load_torch() -> None:
    imports = ";".join(f"import ldm_nodes.imaging.{name}" for name in MODULES)
    check = "import sys; sys.exit('torch' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", f"{imports};{check}"], check=False).returncode == 0

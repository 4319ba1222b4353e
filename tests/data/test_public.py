import subprocess
import sys

import cowise.data as data


def test_the_public_face_is_whole():
    assert all(hasattr(data, name) for name in data.__all__)
    assert len(set(data.__all__)) == len(data.__all__)


def test_reading_does_not_import_pyarrow():
    code = "import sys, cowise.data; sys.exit('pyarrow' in sys.modules or 'pandas' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0

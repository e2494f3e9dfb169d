"""What the tests of `quotewire serve` share: the sample articles as a newspaper's archive, and a server beside the test."""
import http.client
import json
import re
import subprocess

from harness import PROGRAMS, Case, article_files

# When and where the sample articles are said to have appeared: the same events in several outlets, over some weeks.
APPEARED = {
    "01": ("2025-05-14", "Nalubo Wire"), "02": ("2025-05-14", "The Kasimba Post"), "03": ("2025-05-16", "The Continental"),
    "04": ("2026-03-03", "Steppe News"), "05": ("2026-03-04", "The Seoul Daily"), "06": ("2026-03-05", "Steppe News"),
    "07": ("2025-02-11", "Hunter Radio"), "08": ("2025-08-05", "Delhi Express"), "09": ("2025-07-02", "SunSport"),
    "10": ("2025-09-17", "Valley Courier"), "11": ("2025-09-09", "Lagos Herald"), "12": ("2025-10-21", "Cape Ledger"),
    "13": ("2025-10-22", "Nalubo Wire"), "14": ("2025-11-04", "The Continental"), "15": ("2025-12-02", "Science Desk"),
    "16": ("2025-09-22", "Island Gazette"), "17": ("2025-11-12", "The Continental"), "18": ("2025-03-15", "The Morning Post"),
    "19": ("2025-07-03", "South Coast Times"), "20": ("2025-12-09", "Gulf Dispatch"), "21": ("2025-07-10", "Byte & Wire"),
    "22": ("2025-04-02", "The Continental"), "23": ("2025-08-06", "Island Gazette"), "24": ("2025-09-18", "The Tribune"),
}


def write_archive(path, names=None):
    """The sample articles as JSON lines with date and outlet; those whose file begins with one of `names`, or all."""
    with open(path, "w", encoding="utf-8") as out:
        for file in article_files():
            date, outlet = APPEARED[file.name[:2]]
            if names is None or file.name[:2] in names:
                out.write(json.dumps({"id": file.stem, "text": file.read_text(encoding="utf-8"), "published": date,
                                      "outlet": outlet, "url": f"https://news.example/{file.stem}"}) + "\n")
    return path


class Served(Case):
    """A case with a corpus that is served."""

    def annotate(self, source, corpus="news.corpus"):
        self.quotewire("run", source, "--corpus", self.folder / corpus, "--quiet", "--workers", 1)
        return self.folder / corpus

    def serve(self, corpus, *options):
        """Starts the server; its port is known when it says so."""
        log = open(self.folder / "serve.log", "w+", encoding="utf-8")
        self.addCleanup(log.close)
        server = subprocess.Popen([PROGRAMS / "quotewire-serve", corpus, "--listen", "127.0.0.1:0", *options], stderr=log,
                                  env=self.environment)
        self.addCleanup(self._end, server)
        self.port = int(self.wait_for(lambda: re.search(r"serving .* at http://127\.0\.0\.1:(\d+)/", self.server_log()),
                                      "the server").group(1))
        self.server = server
        return server

    def server_log(self):
        return (self.folder / "serve.log").read_text(encoding="utf-8")

    def get(self, path, method="GET", **headers):
        """(status, headers, body) of a request; header names with _ for -."""
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=30)
        try:
            connection.request(method, path, headers={name.replace("_", "-"): value for name, value in headers.items()})
            response = connection.getresponse()
            return response.status, response.headers, response.read()
        finally:
            connection.close()

    def json(self, path):
        status, _, body = self.get(path)
        self.assertEqual(status, 200, body)
        return json.loads(body)

    def wait_until_indexed(self, count):
        self.wait_for(lambda: self.json("/api/v1/summary")["indexed"] >= count, f"{count} records in the index")

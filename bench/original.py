"""Times the Python original: reads a request a line from stdin, answers with milliseconds on stdout.

The page comes from memory in place of the network, so that only the reading of it is timed.
"""

import json
import sys
import time

import requests
from pynvest.scrappers.fundamentus import Fundamentus


class Page:
    def __init__(self, body):
        self.body = body

    @property
    def text(self):
        return self.body.decode("iso-8859-1")


pages = {}
shown = None
requests.get = lambda *args, **kwargs: shown
scraper = Fundamentus(logger_level=40)

jobs = {
    "raw": lambda ticker: scraper.coleta_indicadores_de_ativo(ticker),
    "typed": lambda ticker: scraper.coleta_indicadores_de_ativo(ticker, parse_dtypes=True),
    "listing": lambda _: scraper.extracao_tickers_de_ativos(),
}

for line in sys.stdin:
    request = json.loads(line)
    path = request["path"]
    if path not in pages:
        with open(path, "rb") as file:
            pages[path] = Page(file.read())
    shown = pages[path]
    work = jobs[request["job"]]
    start = time.perf_counter()
    for _ in range(request["times"]):
        work(request["ticker"])
    ms = (time.perf_counter() - start) * 1000 / request["times"]
    print(json.dumps({"ms": ms}), flush=True)

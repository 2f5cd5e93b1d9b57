"""One peer of `pynvest import cotahist`: a year of B3's fixed-width text, the cash market alone, to a sorted Parquet file.

    python history-peers.py polars|polars-checked|duckdb YEAR.TXT OUT.parquet

prints the seconds of the work without Python's own start, the most memory in bytes, and the count of rows, as JSON.
"""

import json
import resource
import sys
import time

TEXT = [
    ("codigo_ticker_ativo", 13, 24), ("codigo_mercado", 25, 27), ("codigo_bdi", 11, 12),
    ("nome_resumido", 28, 39), ("especificacao_papel", 40, 49), ("moeda", 53, 56),
    ("codigo_correcao", 202, 202), ("codigo_isin", 231, 242),
]
HUNDREDTHS = [
    ("vlr_abertura", 57, 69), ("vlr_max", 70, 82), ("vlr_min", 83, 95), ("vlr_medio", 96, 108),
    ("vlr_fechamento", 109, 121), ("vlr_melhor_compra", 122, 134), ("vlr_melhor_venda", 135, 147),
    ("vlr_volume", 171, 188), ("vlr_exercicio", 189, 201),
]
WHOLE = [
    ("prazo_termo", 50, 52), ("qtd_negocios", 148, 152), ("qtd_titulos", 153, 170),
    ("fator_cotacao", 211, 217), ("num_distribuicao", 243, 245),
]
DAYS = [("dt_pregao", 3, 10), ("dt_vencimento", 203, 210)]


# A sound record of any market.
QUOTE = (
    "^01[0-9]{8}[ -~]{2}[!-~][ -~]{11}[0-9]{3}[ -~]{22}(?:   |[0-9]{3})[ -~]{4}"
    "[0-9]{174}[ -~]{12}[0-9]{3}$"
)


def with_polars(source, target, is_checked=False):
    import polars as pl

    line = pl.col("line")
    cut = lambda start, end: line.str.slice(start - 1, end - start + 1)
    columns = [cut(a, b).str.strip_chars_end().alias(name) for name, a, b in TEXT]
    columns += [(cut(a, b).cast(pl.Int64).cast(pl.Float64) / 100).alias(name) for name, a, b in HUNDREDTHS]
    columns += [cut(a, b).str.strip_chars().cast(pl.Int64, strict=False).alias(name) for name, a, b in WHOLE]
    columns += [cut(a, b).str.to_date("%Y%m%d", strict=False).alias(name) for name, a, b in DAYS]
    columns += [(cut(218, 230).cast(pl.Int64).cast(pl.Float64) / 1e6).alias("vlr_exercicio_pontos")]
    lines = pl.scan_csv(
        source, has_header=False, separator="\x01", quote_char=None, encoding="utf8-lossy", schema={"line": pl.String},
    )
    wanted = lines.filter((cut(1, 2) == "01") & (cut(25, 27) == "010"))
    table = wanted.select(columns).sort("codigo_ticker_ativo", "dt_pregao")
    if is_checked:
        edges = cut(1, 2).is_in(["00", "99"])
        is_sound = line.str.contains(QUOTE) & (cut(70, 82) >= cut(83, 95)) & (cut(211, 217) != "0000000")
        counts = lines.select(pl.len().alias("all"), edges.sum().alias("edges"), is_sound.sum().alias("sound"))
        frame, found = pl.collect_all([table, counts])
        all_lines, edge_lines, sound_lines = found.row(0)
        assert edge_lines == 2 and sound_lines == all_lines - 2, found
    else:
        frame = table.collect()
    frame.write_parquet(target, compression="snappy")
    return frame.height


def with_duckdb(source, target):
    import duckdb

    cut = lambda a, b: f"substr(line, {a}, {b - a + 1})"
    columns = [f"rtrim({cut(a, b)}) AS {name}" for name, a, b in TEXT]
    columns += [f"CAST({cut(a, b)} AS BIGINT) / 100 AS {name}" for name, a, b in HUNDREDTHS]
    columns += [f"TRY_CAST({cut(a, b)} AS BIGINT) AS {name}" for name, a, b in WHOLE]
    columns += [f"try_strptime({cut(a, b)}, '%Y%m%d')::DATE AS {name}" for name, a, b in DAYS]
    columns += [f"CAST({cut(218, 230)} AS BIGINT) / 1e6 AS vlr_exercicio_pontos"]
    lines = (
        f"read_csv('{source}', header=false, auto_detect=false, sep=chr(1), quote='', escape='', "
        "encoding='latin-1', columns={'line': 'VARCHAR'})"
    )
    duckdb.sql(
        f"COPY (SELECT {', '.join(columns)} FROM {lines} WHERE {cut(1, 2)} = '01' AND {cut(25, 27)} = '010' "
        f"ORDER BY codigo_ticker_ativo, dt_pregao) TO '{target}' (FORMAT parquet, COMPRESSION snappy)"
    )
    return duckdb.sql(f"SELECT count(*) FROM '{target}'").fetchall()[0][0]


peer, source, target = sys.argv[1:]
work = {
    "polars": with_polars,
    "polars-checked": lambda *paths: with_polars(*paths, is_checked=True),
    "duckdb": with_duckdb,
}[peer]
__import__(peer.split("-")[0])
start = time.perf_counter()
rows = work(source, target)
seconds = time.perf_counter() - start
print(json.dumps({"seconds": seconds, "bytes": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024, "rows": rows}))

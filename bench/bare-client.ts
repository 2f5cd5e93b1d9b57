/** Fetches the pages that a whole run fetches, as many at once, and does nothing with them. */
const [url = '', concurrency = '1'] = process.argv.slice(2);

async function page(path: string): Promise<ArrayBuffer> {
  const response = await fetch(new URL(path, url));
  if (!response.ok) throw new Error(`${path}: status ${response.status}`);
  return response.arrayBuffer();
}

const listings = await Promise.all(['/resultado.php', '/fii_resultado.php'].map(page));
const paths = listings.flatMap((bytes) => {
  const links = Buffer.from(bytes)
    .toString('latin1')
    .matchAll(/detalhes\.php\?papel=\w+/g);
  return [...new Set([...links].map(([link]) => `/${link}`))];
});

async function worker(): Promise<void> {
  for (let path = paths.pop(); path !== undefined; path = paths.pop()) await page(path);
}

const count = paths.length;
await Promise.all(Array.from({ length: Number(concurrency) }, worker));
process.stdout.write(`${count}\n`);

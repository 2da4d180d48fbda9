// Creates the image of an empty database in dist: running initdb takes several times as long as loading the image.
import { access, readFile, rm, writeFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { PGlite } from '@electric-sql/pglite';

const image = new URL('../dist/pglite/empty-database.tar.gz', import.meta.url);
const stampFile = new URL('../dist/pglite/empty-database.txt', import.meta.url);

/** Small segments, because there is only one process with one connection. */
const initDbStartParams = ['--wal-segsize=1'];

const entry = createRequire(import.meta.url).resolve('@electric-sql/pglite');
const stamp = `${entry.match(/pglite@[^/]+/)?.[0] ?? 'pglite'} ${initDbStartParams.join(' ')}\n`;

async function isCurrent() {
  try {
    await access(image);
    return (await readFile(stampFile, 'utf8')) === stamp;
  } catch {
    return false;
  }
}

if (!(await isCurrent())) {
  await rm(stampFile, { force: true });
  const database = await PGlite.create({ initDbStartParams });
  const dump = await database.dumpDataDir('gzip');
  await writeFile(image, Buffer.from(await dump.arrayBuffer()));
  await database.close();
  await writeFile(stampFile, stamp);
}

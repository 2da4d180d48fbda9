import { spawn } from 'node:child_process';
import { chmod, mkdir, open, readdir, readFile, readlink, stat, symlink, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { type FileEffects, readOrCreateInstallationId } from 'chatgpt-auth/node';
import { temporaryFolder, thrownBy } from 'test-support';
import { describe, expect, it } from 'vitest';
import { systemFlock } from '../../support/system-flock.js';

const uuidV4 = /^[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/;
const id = 'c77b29af-1f5f-4e5c-a007-978c11d359e1';
const withFlock: FileEffects = { flock: systemFlock };
const withoutFlock: FileEffects = {
  flock: () => Promise.reject(Object.assign(new Error('no flock here'), { code: 'ENOSYS' })),
};

async function folder(text?: string | Uint8Array, mode = 0o644) {
  const codexHome = await temporaryFolder();
  const path = join(codexHome, 'installation_id');
  if (text !== undefined) {
    await writeFile(path, text);
    await chmod(path, mode);
  }
  return { codexHome, path };
}

const modeOf = async (path: string) => (await stat(path)).mode & 0o777;

describe.each([
  ['with flock', withFlock],
  ['without flock', withoutFlock],
])('readOrCreateInstallationId %s', (_name, effects) => {
  it('creates the file and the folder: a UUID v4 of 36 bytes with mode 0644 under any umask', async () => {
    const codexHome = join(await temporaryFolder(), 'a', 'b');
    const before = process.umask(0o077);
    try {
      const created = await readOrCreateInstallationId({ codexHome }, effects);
      const path = join(codexHome, 'installation_id');
      expect(created).toMatch(uuidV4);
      expect(await readFile(path, 'utf8')).toBe(created);
      expect(await modeOf(path)).toBe(0o644);
    } finally {
      process.umask(before);
    }
  });

  it('returns the same id again, and another one for another folder', async () => {
    const { codexHome } = await folder();
    const created = await readOrCreateInstallationId({ codexHome }, effects);
    expect(await readOrCreateInstallationId({ codexHome }, effects)).toBe(created);
    const other = await folder();
    expect(await readOrCreateInstallationId({ codexHome: other.codexHome }, effects)).not.toBe(created);
  });

  it.each([id, id.toUpperCase(), `{${id}}`, id.replaceAll('-', ''), `urn:uuid:${id}`, ` ${id}\r\n`])(
    'returns %j in lower case with hyphens, and leaves the text of the file',
    async (text) => {
      const { codexHome, path } = await folder(text, 0o600);
      expect(await readOrCreateInstallationId({ codexHome }, effects)).toBe(id);
      expect(await readFile(path, 'utf8')).toBe(text);
      expect(await modeOf(path)).toBe(0o644);
      expect(await readdir(codexHome)).toEqual(['installation_id']);
    },
  );

  it.each(['not a uuid', ' \n', id.slice(1), `\ufeff${id}`, 'x'.repeat(100)])(
    'replaces %j in place, with mode 0644',
    async (text) => {
      const { codexHome, path } = await folder(text, 0o600);
      const { ino } = await stat(path);
      const created = await readOrCreateInstallationId({ codexHome }, effects);
      expect(created).toMatch(uuidV4);
      expect(await readFile(path, 'utf8')).toBe(created);
      expect(await modeOf(path)).toBe(0o644);
      expect((await stat(path)).ino).toBe(ino);
    },
  );

  it('replaces an empty file', async () => {
    const { codexHome, path } = await folder('');
    const sleep = async () => {};
    const created = await readOrCreateInstallationId({ codexHome }, { ...effects, sleep });
    expect(created).toMatch(uuidV4);
    expect(await readFile(path, 'utf8')).toBe(created);
  });

  it('writes the target of a symbolic link, and the link stays', async () => {
    const { codexHome, path } = await folder();
    await symlink('target', path);
    const sleep = async () => {};
    const created = await readOrCreateInstallationId({ codexHome }, { ...effects, sleep });
    expect(await readlink(path)).toBe('target');
    expect(await readFile(join(codexHome, 'target'), 'utf8')).toBe(created);
  });

  it('does not overwrite what a symbolic link leads to', async () => {
    const { codexHome, path } = await folder();
    await writeFile(join(codexHome, 'target'), 'notes of somebody');
    await symlink('target', path);
    const error = await thrownBy(() => readOrCreateInstallationId({ codexHome }, effects));
    expect(error.code).toBe('unreadable_installation_id');
    expect(await readFile(join(codexHome, 'target'), 'utf8')).toBe('notes of somebody');
  });

  it('creates one id for many calls at once', async () => {
    const { codexHome } = await folder();
    const calls = Array.from({ length: 20 }, () => readOrCreateInstallationId({ codexHome }, effects));
    expect(new Set(await Promise.all(calls)).size).toBe(1);
  });

  it('refuses a folder of that name with unreadable_installation_id, and leaves it', async () => {
    const { codexHome, path } = await folder();
    await mkdir(path);
    const error = await thrownBy(() => readOrCreateInstallationId({ codexHome }, effects));
    expect(error.code).toBe('unreadable_installation_id');
    expect(error.message).toBe(`${path}: it is not a regular file; it was not changed`);
    expect((await stat(path)).isDirectory()).toBe(true);
  });

  it('refuses a file that is not UTF-8 with unreadable_installation_id, and leaves it', async () => {
    const { codexHome, path } = await folder(Buffer.from([0xff, 0xfe, 0x31]));
    const error = await thrownBy(() => readOrCreateInstallationId({ codexHome }, effects));
    expect(error.code).toBe('unreadable_installation_id');
    expect(await readFile(path)).toEqual(Buffer.from([0xff, 0xfe, 0x31]));
  });

  it('refuses a folder that cannot be created with unwritable_installation_id', async () => {
    const { path } = await folder('a file');
    const error = await thrownBy(() => readOrCreateInstallationId({ codexHome: path }, effects));
    expect(error.code).toMatch(/^un(readable|writable)_installation_id$/);
    expect(await readFile(path, 'utf8')).toBe('a file');
  });
});

describe('another process', () => {
  const script = fileURLToPath(new URL('installation-id-process.mjs', import.meta.url));

  /** Starts processes that wait, lets them all begin at once, and returns what they print. */
  async function race(count: number, ...args: readonly string[]): Promise<string[]> {
    const children = Array.from({ length: count }, () => spawn(process.execPath, [script, ...args]));
    const outputs = children.map(() => '');
    const closed = children.map((child) => new Promise((resolve) => child.on('close', resolve)));
    const ready = children.map(
      (child, i) =>
        new Promise<void>((resolve) => {
          child.stdout.on('data', (chunk) => {
            outputs[i] += chunk;
            resolve();
          });
        }),
    );
    await Promise.all(ready);
    for (const child of children) child.stdin.write('begin\n');
    await Promise.all(closed);
    return outputs.map((output) => output.replace('ready\n', ''));
  }

  it.each([
    ['creates', undefined],
    ['replaces', 'not a uuid'],
  ])('that %s the id at the same time agrees on one', async (_what, text) => {
    for (const flock of ['with-flock', 'without-flock']) {
      const { codexHome, path } = await folder(text);
      const ids = await race(6, codexHome, flock);
      expect(ids[0]).toMatch(uuidV4);
      expect(new Set(ids).size).toBe(1);
      expect(await readFile(path, 'utf8')).toBe(ids[0]);
    }
  });

  it('that holds the flock of the file and writes an id is waited for, and its id is returned', async () => {
    const { codexHome, path } = await folder('');
    const client = await open(path, 'r+');
    await systemFlock(client.fd, 'exnb');
    let waits = 0;
    const sleep = async () => {
      waits += 1;
      if (waits !== 5) return;
      await client.write(id, 0);
      await client.close();
    };
    expect(await readOrCreateInstallationId({ codexHome }, { flock: systemFlock, sleep })).toBe(id);
    expect(waits).toBe(5);
    expect(await readFile(path, 'utf8')).toBe(id);
  });

  it('that has created the file and not written it yet is given a second where there is no flock', async () => {
    const { codexHome, path } = await folder('');
    let waited = 0;
    const sleep = async (milliseconds: number) => {
      waited += milliseconds;
      if (waited === 500) await writeFile(path, id);
    };
    expect(await readOrCreateInstallationId({ codexHome }, { ...withoutFlock, sleep })).toBe(id);
    expect(await readFile(path, 'utf8')).toBe(id);
  });
});

it('readOrCreateInstallationId refuses an unknown option with invalid_argument', async () => {
  const error = await thrownBy(() => readOrCreateInstallationId({ home: '/nowhere' } as object));
  expect(error.code).toBe('invalid_argument');
});

import { execFile } from 'node:child_process';
import { mkdir, readdir, readFile, unlink } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { type Flock, fileAuthStore, keyringAuthStore } from 'chatgpt-auth/node';
import { thrownBy } from 'test-support';
import { describe, expect, it } from 'vitest';
import { codexHome } from '../../support/codex-home.js';
import { chatgptAuthJson } from '../../support/login.js';
import { systemFlock } from '../../support/system-flock.js';

const makePipe = (path: string) => promisify(execFile)('mkfifo', [path]);

/** `flock` as on a system that has none. */
const noFlock: Flock = () => Promise.reject(Object.assign(new Error('no flock'), { code: 'ENOSYS' }));

/** Counts in the document up by one. */
function countUp(text: string | undefined): string {
  const document = JSON.parse(text ?? '{}');
  return JSON.stringify({ ...document, count: (document.count ?? 0) + 1 });
}

describe('updates at the same time', () => {
  it('are all kept by a file, without flock', async () => {
    const home = await codexHome(chatgptAuthJson());
    const updates = Array.from({ length: 8 }, () =>
      fileAuthStore({ codexHome: home.path }, { flock: noFlock }).update(countUp),
    );
    await Promise.all(updates);
    expect(JSON.parse(await home.read()).count).toBe(8);
    expect(await readdir(join(home.path, 'chatgpt-auth-locks'))).toEqual([]);
  });

  it('are all kept by a keyring, which cannot compare, without flock', async () => {
    const home = await codexHome();
    let entry = chatgptAuthJson();
    const openEntry = async () => ({
      getPassword: async () => entry,
      setPassword: async (text: string) => {
        entry = text;
      },
    });
    const effects = { flock: noFlock, openEntry };
    const updates = Array.from({ length: 8 }, () =>
      keyringAuthStore({ codexHome: home.path }, effects).update(countUp),
    );
    await Promise.all(updates);
    expect(JSON.parse(entry).count).toBe(8);
  });
});

describe('a named pipe in place of a lock file', () => {
  it.each(['auth.lock', 'auth.json.lock'])('(%s) is refused and does not hang', async (name) => {
    const home = await codexHome(chatgptAuthJson());
    await makePipe(join(home.path, name));
    const store = fileAuthStore({ codexHome: home.path }, { flock: systemFlock });
    for (const write of [() => store.update(countUp), () => store.requireWritable?.()]) {
      const error = await thrownBy(async () => write());
      expect(error.code).toBe('unwritable_auth_file');
      expect(error.message).toContain(name);
    }
    expect(await home.read()).toBe(chatgptAuthJson());
  });

  it('of our own is treated like a holder without a heartbeat and does not hang', async () => {
    const home = await codexHome(chatgptAuthJson());
    await mkdir(join(home.path, 'chatgpt-auth-locks'));
    await makePipe(join(home.path, 'chatgpt-auth-locks', 'write.1'));
    let waited = 0;
    const sleep = async (milliseconds: number) => {
      waited += milliseconds;
    };
    await fileAuthStore({ codexHome: home.path }, { sleep }).update(countUp);
    expect(JSON.parse(await home.read()).count).toBe(1);
    expect(waited).toBeGreaterThan(30_000);
    await unlink(join(home.path, 'chatgpt-auth-locks', 'write.1'));
  });

  it('in place of the lock folder is an error and does not hang', async () => {
    const home = await codexHome(chatgptAuthJson());
    await makePipe(join(home.path, 'chatgpt-auth-locks'));
    const store = fileAuthStore({ codexHome: home.path });
    expect((await thrownBy(() => store.update(countUp))).code).toBe('lock_unavailable');
    expect((await thrownBy(() => store.withLock('refresh', async () => 1))).code).toBe('lock_unavailable');
    expect(await readFile(home.authFile, 'utf8')).toBe(chatgptAuthJson());
  });
});

import * as nodeFs from 'node:fs/promises';
import { mkdir, readdir, readFile, rm, utimes, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { type FileSystem, fileAuthStore } from 'chatgpt-auth/node';
import { describe, expect, onTestFinished, test, vi } from 'vitest';
import { authServer } from '../../support/auth-server.js';
import { type CodexHome, codexHome } from '../../support/codex-home.js';
import { accessToken, chatgptAuthJson } from '../../support/login.js';
import { runChild } from '../../support/run-child.js';
import { thrownBy } from '../../support/thrown-by.js';

const lockFolder = (home: CodexHome) => join(home.path, 'chatgpt-auth-locks');

/** Leaves a lock as its holder would have written it. */
async function leaveLock(home: CodexHome, owner: object | string, name = 'bootstrap.1'): Promise<string> {
  await mkdir(lockFolder(home), { recursive: true });
  const path = join(lockFolder(home), name);
  await writeFile(path, typeof owner === 'string' ? owner : JSON.stringify(owner));
  return path;
}

/** What a holder writes, read while this process holds a lock. */
async function ownerOf(home: CodexHome): Promise<Record<string, unknown>> {
  return fileAuthStore({ codexHome: home.path }).withLock('refresh', async () =>
    JSON.parse(await readFile(join(lockFolder(home), 'refresh.1'), 'utf8')),
  );
}

/** A file system whose `/proc` is that of another pid namespace. */
const foreignProc: FileSystem = {
  ...nodeFs,
  readlink: (async () => '1') as unknown as typeof nodeFs.readlink,
};

/** A store that notes how long it waited, and does something in between. */
function waitingStore(
  home: CodexHome,
  meanwhile: (waited: number) => unknown = () => undefined,
  fs: FileSystem = nodeFs,
) {
  let waited = 0;
  const sleep = async (milliseconds: number) => {
    waited += milliseconds;
    await meanwhile(waited);
  };
  return { store: fileAuthStore({ codexHome: home.path }, { sleep, fs }), waited: () => waited };
}

describe('work of one name', () => {
  test('is done by one at a time, in turn, and what it returns comes back', async () => {
    const home = await codexHome();
    let working = 0;
    const results = await Promise.all(
      Array.from({ length: 10 }, (_, i) =>
        waitingStore(home).store.withLock('bootstrap', async () => {
          working += 1;
          expect(working).toBe(1);
          await new Promise((resolve) => setImmediate(resolve));
          working -= 1;
          return i;
        }),
      ),
    );
    expect(results).toEqual([0, 1, 2, 3, 4, 5, 6, 7, 8, 9]);
    expect(await readdir(lockFolder(home))).toEqual([]);
  });

  test('does not keep other work from being done', async () => {
    const { store } = waitingStore(await codexHome());
    expect(await store.withLock('bootstrap', () => store.withLock('refresh', async () => 'both'))).toBe(
      'both',
    );
  });

  test('that fails gives the lock back', async () => {
    const { store, waited } = waitingStore(await codexHome());
    await expect(store.withLock('refresh', () => Promise.reject(new Error('no')))).rejects.toThrow('no');
    expect(await store.withLock('refresh', async () => 'next')).toBe('next');
    expect(waited()).toBe(0);
  });
});

describe('a lock that was left behind', () => {
  test('by a process that was killed is taken over at once', async () => {
    const home = await codexHome(chatgptAuthJson());
    let kill = () => undefined as unknown;
    const server = await authServer({
      runtime: async () => {
        kill();
        return { status: 500 };
      },
    });
    const onStart = (killChild: () => void) => {
      kill = killChild;
    };
    const { killed } = await runChild(home.path, server, { onStart });
    expect(killed).toBe(true);
    expect(await readdir(lockFolder(home))).toEqual(['bootstrap.1']);
    const { store, waited } = waitingStore(home);
    expect(await store.withLock('bootstrap', async () => readdir(lockFolder(home)))).toEqual([
      'bootstrap.1',
      'bootstrap.2',
    ]);
    expect(waited()).toBe(0);
  });

  test('by a process whose id another process has by now is taken over at once', async () => {
    const home = await codexHome();
    await leaveLock(home, { ...(await ownerOf(home)), started: '1' });
    const { store, waited } = waitingStore(home);
    expect(await store.withLock('bootstrap', async () => 'mine')).toBe('mine');
    expect(waited()).toBe(0);
  });

  test('by a process that still runs is waited for', async () => {
    const home = await codexHome();
    const path = await leaveLock(home, await ownerOf(home));
    const { store, waited } = waitingStore(
      home,
      (time) => time > 60_000 && writeFile(path, '').then(() => utimes(path, 1, 1)),
    );
    expect(await store.withLock('bootstrap', async () => 'mine')).toBe('mine');
    expect(waited()).toBeGreaterThan(90_000);
  });

  test('in a container that cannot tell who runs is taken over after 30 s as well', async () => {
    const home = await codexHome();
    await leaveLock(home, { ...(await ownerOf(home)), started: '1' });
    const { store, waited } = waitingStore(home, undefined, foreignProc);
    expect(await store.withLock('bootstrap', async () => 'mine')).toBe('mine');
    expect(waited()).toBeGreaterThan(30_000);
  });

  test('by a process that has ended but was not waited for by its parent is taken over at once', async () => {
    const home = await codexHome();
    const owner = await ownerOf(home);
    await leaveLock(home, owner);
    const readFileOfZombie = async (path: string, encoding: 'utf8') => {
      const text = await readFile(path, encoding);
      return path === `/proc/${owner['pid']}/stat` ? text.replace(/\) \w /, ') Z ') : text;
    };
    const fs = { ...nodeFs, readFile: readFileOfZombie as unknown as typeof nodeFs.readFile };
    const { store, waited } = waitingStore(home, undefined, fs);
    expect(await store.withLock('bootstrap', async () => 'mine')).toBe('mine');
    expect(waited()).toBe(0);
  });

  test.each([
    ['on another machine', (owner: object) => ({ ...owner, place: 'elsewhere' })],
    ['that is not one of ours', () => 'not JSON'],
    ['that is empty', () => ''],
  ])('by a holder %s is taken over after 30 s without a heartbeat', async (_kind, change) => {
    const home = await codexHome();
    await leaveLock(home, change(await ownerOf(home)));
    const { store, waited } = waitingStore(home);
    expect(await store.withLock('bootstrap', async () => 'mine')).toBe('mine');
    expect(waited()).toBeGreaterThan(30_000);
    expect(waited()).toBeLessThan(31_000);
  });

  test('by a holder on another machine that shows signs of life is waited for, 5 minutes at most', async () => {
    const home = await codexHome();
    const path = await leaveLock(home, { ...(await ownerOf(home)), place: 'elsewhere' });
    const { store } = waitingStore(home, (time) => utimes(path, time / 1000, time / 1000));
    const error = await thrownBy(() => store.withLock('bootstrap', async () => 'mine'));
    expect([error.code, error.retryable]).toEqual(['lock_unavailable', true]);
  });

  test('is cleared away with its predecessors, but for the last', async () => {
    const home = await codexHome();
    for (const generation of [1, 2, 9])
      await leaveLock(home, { ...(await ownerOf(home)), started: '1' }, `bootstrap.${generation}`);
    await leaveLock(home, 'a draft of long ago', 'bootstrap.new-x').then((path) => utimes(path, 1, 1));
    await leaveLock(home, 'a draft of now', 'bootstrap.new-y');
    await leaveLock(home, 'of other work', 'refresh.new-z').then((path) => utimes(path, 1, 1));
    await waitingStore(home).store.withLock('bootstrap', async () => undefined);
    expect((await readdir(lockFolder(home))).sort()).toEqual([
      'bootstrap.9',
      'bootstrap.new-y',
      'refresh.new-z',
    ]);
  });
});

describe('8 processes that start at once', () => {
  const eight = Array.from({ length: 8 }, (_, i) => i);

  test.each([
    ['with flock', { withoutFlock: false }, false],
    ['without flock', { withoutFlock: true }, false],
    ['with flock, over the lock of a killed process', { withoutFlock: false }, true],
    ['without flock, over the lock of a killed process', { withoutFlock: true }, true],
  ])(
    '%s register one runtime and one task',
    async (_kind, task, stale) => {
      const home = await codexHome(chatgptAuthJson());
      if (stale) await leaveLock(home, { ...(await ownerOf(home)), started: '1' });
      const server = await authServer();
      const outcomes = await Promise.all(eight.map(() => runChild(home.path, server, task)));
      expect(outcomes.map(({ got, errors }) => [got, errors])).toEqual(eight.map(() => ['task-1', '']));
      expect(server.counts).toEqual({ runtime: 1, task: 1, refresh: 0 });
      expect(JSON.parse(await home.read()).agent_identity).toMatchObject({
        agent_runtime_id: 'runtime-1',
        task_id: 'task-1',
      });
    },
    30_000,
  );

  test('spend a refresh token once', async () => {
    const home = await codexHome(chatgptAuthJson({ expiresIn: -1 }));
    const server = await authServer({
      refresh: () => ({ body: { access_token: accessToken('second'), refresh_token: 'refresh-token-2' } }),
    });
    const outcomes = await Promise.all(eight.map(() => runChild(home.path, server, { action: 'bearer' })));
    expect(outcomes.map(({ got }) => got)).toEqual(eight.map(() => `Bearer ${accessToken('second')}`));
    expect(server.counts.refresh).toBe(1);
  }, 60_000);
});

test('a holder shows that it lives, every 5 seconds, and stops when it is done', async () => {
  vi.useFakeTimers({ toFake: ['setInterval', 'clearInterval'] });
  onTestFinished(() => {
    vi.useRealTimers();
  });
  const home = await codexHome();
  let seconds = 1000;
  const beats: unknown[] = [];
  const utimesNoted: typeof nodeFs.utimes = async (path, ...times) => {
    beats.push([path, ...times]);
  };
  const effects = { fs: { ...nodeFs, utimes: utimesNoted }, clock: () => seconds * 1000 };
  await fileAuthStore({ codexHome: home.path }, effects).withLock('bootstrap', async () => {
    for (; seconds < 1020; seconds += 5) vi.advanceTimersByTime(5000);
  });
  vi.advanceTimersByTime(60_000);
  const path = join(lockFolder(home), 'bootstrap.1');
  expect(beats).toEqual([1000, 1005, 1010, 1015].map((time) => [path, time, time]));
});

test('who was stopped between looking and claiming steps back when others have gone on', async () => {
  const home = await codexHome();
  const owner = await ownerOf(home);
  let later: string | undefined;
  const link: typeof nodeFs.link = async (from, to) => {
    await nodeFs.link(from, to);
    later ??= await leaveLock(home, owner, 'bootstrap.5');
  };
  const giveBack = async () => {
    expect(await readdir(lockFolder(home))).toEqual(['bootstrap.5']);
    await rm(later ?? '');
  };
  const { store, waited } = waitingStore(home, giveBack, { ...nodeFs, link });
  expect(await store.withLock('bootstrap', async () => 'mine')).toBe('mine');
  expect(waited()).toBeGreaterThan(0);
});

test('many who take over one dead lock at the same time still work one at a time', async () => {
  const home = await codexHome();
  for (let round = 0; round < 10; round += 1) {
    await leaveLock(home, { ...(await ownerOf(home)), started: '1' }, `bootstrap.${round * 2 + 1}`);
    let working = 0;
    await Promise.all(
      Array.from({ length: 12 }, () =>
        waitingStore(home).store.withLock('bootstrap', async () => {
          working += 1;
          expect(working).toBe(1);
          await new Promise((resolve) => setImmediate(resolve));
          working -= 1;
        }),
      ),
    );
  }
});

import * as nodeFs from 'node:fs/promises';
import { readdir, readFile, rm, utimes, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { type FileSystem, fileAuthStore } from 'chatgpt-auth/node';
import { thrownBy } from 'test-support';
import { describe, expect, it, onTestFinished, vi } from 'vitest';
import { authServer } from '../../support/auth-server.js';
import { type CodexHome, codexHome } from '../../support/codex-home.js';
import { chatgptAuthJson } from '../../support/login.js';
import { leaveLock, lockFolder, readOwner } from '../../support/process-locks.js';
import { runChild } from '../../support/run-child.js';

/** A file system whose `/proc` is that of another pid namespace. */
const foreignProc: FileSystem = {
  ...nodeFs,
  readlink: (async () => '1') as unknown as typeof nodeFs.readlink,
};

/** A store that records how long it waited, and does something in between. */
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

describe('withLock', () => {
  it('runs work of one name one at a time, and returns its result', async () => {
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

  it('lets work of another name run', async () => {
    const { store } = waitingStore(await codexHome());
    expect(await store.withLock('bootstrap', () => store.withLock('refresh', async () => 'both'))).toBe(
      'both',
    );
  });

  it('releases the lock when the work fails', async () => {
    const { store, waited } = waitingStore(await codexHome());
    await expect(store.withLock('refresh', () => Promise.reject(new Error('no')))).rejects.toThrow('no');
    expect(await store.withLock('refresh', async () => 'next')).toBe('next');
    expect(waited()).toBe(0);
  });
});

describe('a lock that was left', () => {
  it('by a process that was killed is taken over at once', async () => {
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

  it('by a process whose id belongs to another process now is taken over at once', async () => {
    const home = await codexHome();
    await leaveLock(home, { ...(await readOwner(home)), started: '1' });
    const { store, waited } = waitingStore(home);
    expect(await store.withLock('bootstrap', async () => 'mine')).toBe('mine');
    expect(waited()).toBe(0);
  });

  it('of a process that still runs is waited for', async () => {
    const home = await codexHome();
    const path = await leaveLock(home, await readOwner(home));
    const { store, waited } = waitingStore(
      home,
      (time) => time > 60_000 && writeFile(path, '').then(() => utimes(path, 1, 1)),
    );
    expect(await store.withLock('bootstrap', async () => 'mine')).toBe('mine');
    expect(waited()).toBeGreaterThan(90_000);
  });

  it('in a container that cannot look processes up is taken over after 30 s', async () => {
    const home = await codexHome();
    await leaveLock(home, { ...(await readOwner(home)), started: '1' });
    const { store, waited } = waitingStore(home, undefined, foreignProc);
    expect(await store.withLock('bootstrap', async () => 'mine')).toBe('mine');
    expect(waited()).toBeGreaterThan(30_000);
  });

  it('by a zombie process is taken over at once', async () => {
    const home = await codexHome();
    const owner = await readOwner(home);
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

  it.each([
    ['on another machine', (owner: object) => ({ ...owner, place: 'elsewhere' })],
    ['that is not one of ours', () => 'not JSON'],
    ['that is empty', () => ''],
  ])('by a holder %s is taken over after 30 s without a heartbeat', async (_kind, change) => {
    const home = await codexHome();
    await leaveLock(home, change(await readOwner(home)));
    const { store, waited } = waitingStore(home);
    expect(await store.withLock('bootstrap', async () => 'mine')).toBe('mine');
    expect(waited()).toBeGreaterThan(30_000);
    expect(waited()).toBeLessThan(31_000);
  });

  it('by a holder on another machine with a heartbeat is waited for, for 5 minutes at most', async () => {
    const home = await codexHome();
    const path = await leaveLock(home, { ...(await readOwner(home)), place: 'elsewhere' });
    const { store } = waitingStore(home, (time) => utimes(path, time / 1000, time / 1000));
    const error = await thrownBy(() => store.withLock('bootstrap', async () => 'mine'));
    expect([error.code, error.retryable]).toEqual(['lock_unavailable', true]);
  });

  it('is pruned with its predecessors, except for the last', async () => {
    const home = await codexHome();
    for (const generation of [1, 2, 9])
      await leaveLock(home, { ...(await readOwner(home)), started: '1' }, `bootstrap.${generation}`);
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

it('a holder writes a heartbeat every 5 seconds until it is done', async () => {
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

it('a process that was paused before it created its file gives up the lock if others continued', async () => {
  const home = await codexHome();
  const owner = await readOwner(home);
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

it('processes that take over one dead lock at the same time work one at a time', async () => {
  const home = await codexHome();
  for (let round = 0; round < 10; round += 1) {
    await leaveLock(home, { ...(await readOwner(home)), started: '1' }, `bootstrap.${round * 2 + 1}`);
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

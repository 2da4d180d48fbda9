import { readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { openChatgptAuth } from 'chatgpt-auth';
import { fileAuthStore } from 'chatgpt-auth/node';
import { describe, expect, it } from 'vitest';
import { type Answers, type AuthServer, authServer } from '../../support/auth-server.js';
import { type CodexHome, codexHome } from '../../support/codex-home.js';
import { chatgptAuthJson, clock } from '../../support/login.js';
import { type ChildTask, runChild } from '../../support/run-child.js';

const old = chatgptAuthJson({}, { unknown: [1.5e3, { kept: true }] });

/** Requires the whole old file or the whole new one, and returns which. */
async function requireWhole(home: CodexHome): Promise<'old' | 'new'> {
  const text = await home.read();
  if (text === old) return 'old';
  const { agent_identity: identity } = JSON.parse(text);
  const record = JSON.stringify(identity, null, 2).replaceAll('\n', '\n  ');
  expect(text).toBe(`${old.slice(0, -2)},\n  "agent_identity": ${record}\n}`);
  expect(identity).toMatchObject({ agent_runtime_id: 'runtime-1', task_id: 'task-1' });
  return 'new';
}

/** Requires that the next process goes on at once, without waiting for a lock of the dead one. */
async function requireRecovery(home: CodexHome, server: AuthServer): Promise<void> {
  const sleep = () => Promise.reject(new Error('expected no wait for the lock of a dead process'));
  const store = fileAuthStore({ codexHome: home.path }, { sleep });
  const auth = await openChatgptAuth(
    { store, policy: 'chatgpt-auth', authapiBaseUrl: server.baseUrl },
    { clock },
  );
  const identity = await auth.agentIdentityAuth();
  expect(JSON.parse(await home.read()).agent_identity.task_id).toBe(identity?.runTaskId);
  const left = await readdir(join(home.path, 'chatgpt-auth-locks'));
  for (const name of ['bootstrap', 'write']) {
    expect(left.filter((entry) => entry.startsWith(`${name}.`)).length).toBeLessThanOrEqual(2);
  }
  expect(left.every((entry) => /^(bootstrap|write)\./.test(entry))).toBe(true);
}

/** Runs a process until it is killed, and returns which file it left. */
async function crashed(task: ChildTask, answers: Answers = {}): Promise<'old' | 'new'> {
  const home = await codexHome(old);
  const server = await authServer(answers);
  const { killed, errors } = await runChild(home.path, server, task);
  if (task.killAtStep !== undefined) expect([killed, errors]).toEqual([true, '']);
  const outcome = await requireWhole(home);
  await requireRecovery(home, server);
  // The first write of the next process removes what the dead one left.
  const temporary = (await readdir(home.path)).filter((name) => name.startsWith('.chatgpt-auth-'));
  if (outcome === 'old') expect(temporary).toEqual([]);
  return outcome;
}

/** Kills a process this long after its task was registered. The write that follows takes a few milliseconds. */
function crashedAfter(milliseconds: number): Promise<'old' | 'new'> {
  let kill = () => undefined as unknown;
  const onStart = (killChild: () => void) => {
    kill = killChild;
  };
  const task = () => {
    setTimeout(() => kill(), milliseconds);
    return { body: { task_id: 'task-1' } };
  };
  return crashed({ onStart }, { task });
}

/** Repeats work, so that a success by chance does not count. */
async function times(rounds: number, work: () => Promise<void>): Promise<void> {
  for (let round = 1; round <= rounds; round += 1) await work();
}

/** Runs the work for each item, a few at a time. */
async function inParallel<T, R>(items: readonly T[], work: (item: T) => Promise<R>): Promise<R[]> {
  const results: R[] = [];
  const queue = [...items.entries()];
  const worker = async () => {
    for (let next = queue.shift(); next !== undefined; next = queue.shift()) {
      results[next[0]] = await work(next[1]);
    }
  };
  await Promise.all([worker(), worker(), worker()]);
  return results;
}

describe('kill -9', () => {
  it('at every step leaves the whole old or new file, and a lock that is taken over', async () => {
    const steps = await countSteps();
    await times(2, async () => {
      const outcomes = await inParallel(steps, (killAtStep) => crashed({ killAtStep, halfWrite: true }));
      requireOneTurn(outcomes);
      tell(`${steps.length} steps`, outcomes);
    });
  }, 300_000);

  it('at the steps of the write leaves the whole old or new file without flock too', async () => {
    const steps = (await countSteps({ withoutFlock: true })).slice(-18);
    await times(3, async () => {
      const outcomes = await inParallel(steps, (killAtStep) =>
        crashed({ killAtStep, halfWrite: true, withoutFlock: true }),
      );
      requireOneTurn(outcomes);
      tell(`${steps.length} steps without flock`, outcomes);
    });
  }, 300_000);

  it('at random moments around the write leaves the whole old or new file', async () => {
    const length = await measureWrite();
    const moments = Array.from({ length: 60 }, () => Math.random() * length);
    const outcomes = await inParallel(moments, crashedAfter);
    expect(outcomes).toHaveLength(60);
    tell('60 random moments', outcomes);
  }, 120_000);
});

async function countSteps(task: ChildTask = {}): Promise<number[]> {
  const { steps } = await runChild((await codexHome(old)).path, await authServer(), task);
  expect(steps).toBeGreaterThan(20);
  return Array.from({ length: steps }, (_, i) => i + 1);
}

/** How many milliseconds a process takes from its last request to its end, roughly. */
async function measureWrite(): Promise<number> {
  let answered = 0;
  const task = () => {
    answered = performance.now();
    return { body: { task_id: 'task-1' } };
  };
  await runChild((await codexHome(old)).path, await authServer({ task }));
  return performance.now() - answered;
}

/** The old file up to some step, the new one from there on. */
function requireOneTurn(outcomes: readonly string[]): void {
  const renamed = outcomes.indexOf('new');
  expect(renamed).toBeGreaterThan(5);
  expect(outcomes).toEqual(outcomes.map((_, i) => (i < renamed ? 'old' : 'new')));
}

function tell(where: string, outcomes: readonly string[]): void {
  const news = outcomes.filter((outcome) => outcome === 'new').length;
  console.info(`killed at ${where}: ${outcomes.length - news} times the old file, ${news} times the new one`);
}

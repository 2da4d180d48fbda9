import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { installPublishedClient } from './published-client/install-published-client.mjs';
import { runInLoopbackNamespace } from './published-client/run-in-loopback-namespace.mjs';

const script = fileURLToPath(new URL('published-client/scenarios.mjs', import.meta.url));
let folder = '';
// biome-ignore lint/suspicious/noExplicitAny: checked below, member by member.
let seen: any;

// The published client runs only in a network namespace with loopback, with throwaway credentials.
beforeAll(async () => {
  const binary = installPublishedClient();
  folder = await mkdtemp(join(tmpdir(), 'published-client-'));
  seen = JSON.parse(await runInLoopbackNamespace(script, [binary, folder], 80));
}, 180_000);

afterAll(() => rm(folder, { recursive: true, force: true }));

const worked = { code: 0, output: expect.stringContaining('answer-of-the-resource-server') };

describe('the published client 0.169.0', () => {
  it('uses an identity that our opt-in wrote and registers none itself', () => {
    const { ours, registered, answer, events, after, left } = seen.clientUsesOurs;
    tell('our opt-in, then the client', [...registered, ...events]);
    expect(registered).toEqual(['register runtime', 'register task']);
    expect(answer).toMatchObject(worked);
    expect(events).toEqual([inferenceBy(ours)]);
    expect(left).toBe(after);
  });

  it('gets the same auth.json from our opt-in as from its own: agent_identity is appended, nothing else changes', () => {
    const { before, after } = seen.clientUsesOurs;
    const kept = before.slice(0, -'\n}'.length);
    expect(after.startsWith(`${kept},\n  "agent_identity": {\n    "agent_runtime_id": "`)).toBe(true);
    const names = Object.keys(JSON.parse(after).agent_identity);
    expect(names).toEqual(Object.keys(seen.weReuseTheirs.record));
    tell('diff of auth.json', shortened(after.slice(kept.length)));
  });

  it('ignores the terminal state that we remember, and that keeps our opt-in from sending anything', () => {
    const { identity, code, ourEvents, answer, events, untouched } = seen.weRememberDeletedRuntime;
    expect([code, ourEvents]).toEqual(['agent_runtime_deleted', []]);
    expect(answer).toMatchObject(worked);
    expect(events).toEqual([inferenceBy(identity)]);
    expect(untouched).toBe(true);
  });

  it('writes an identity that our opt-in reuses without a request or a change', () => {
    const { answer, events, ours, record, ourEvents, untouched } = seen.weReuseTheirs;
    tell('the client, then our opt-in', [...events, ...ourEvents]);
    expect(answer).toMatchObject(worked);
    expect(events).toEqual(['register runtime', 'register task', inferenceBy(ours)]);
    expect(ours).toEqual({ agentRuntimeId: record.agent_runtime_id, taskId: record.task_id });
    expect(ourEvents).toEqual([]);
    expect(untouched).toBe(true);
  });

  it('uses the record of an opt-in that was exported as a credential', () => {
    const { record, answer, events, untouched } = seen.clientUsesExportedRecord;
    expect(answer).toMatchObject(worked);
    expect(events).toEqual([
      inferenceBy({ agentRuntimeId: record.agent_runtime_id, taskId: record.task_id }),
    ]);
    expect(untouched).toBe(true);
  });

  it('accepts an Agent Identity JWT that was exported as a credential', () => {
    const { answer, events, run, untouched } = seen.clientUsesExportedJwt;
    expect(answer).toMatchObject({ code: 0, output: expect.stringContaining('Logged in') });
    expect(events).toContain('jwks');
    expect(events.filter((event: string) => event === 'register task').length).toBeGreaterThan(0);
    tell('the client with an exported JWT', run.events);
    expect(run.answer).toMatchObject(worked);
    expect(run.events.at(-1)).toMatch(/^inference by \S+ under \S+ for acct-interop-1$/);
    expect(untouched).toBe(true);
  });

  it('delays a logout until our write is done, because of its own locks, and then logs out', () => {
    const { answer, wasThere, isGone } = seen.clientLogsOutDuringOurWrite;
    expect(answer).toMatchObject({ code: 0 });
    expect([wasThere, isGone]).toEqual([true, true]);
  });

  it('stays logged out if it logs out while we register', () => {
    const { answer, code, isGone } = seen.clientLogsOutMeanwhile;
    expect(answer).toMatchObject({ code: 0 });
    expect([code, isGone]).toEqual(['logged_out', true]);
  });

  it('can opt in at the same time, which leaves one complete identity that is used from then on', () => {
    const { answer, record, next, nextEvents } = seen.bothAtOnce;
    expect(answer).toMatchObject(worked);
    expect(next).toEqual({ agentRuntimeId: record.agent_runtime_id, taskId: record.task_id });
    expect(nextEvents).toEqual([]);
  });
});

function inferenceBy({ agentRuntimeId, taskId }: { agentRuntimeId: string; taskId: string }): string {
  return `inference by ${agentRuntimeId} under ${taskId} for acct-interop-1`;
}

function tell(title: string, what: readonly string[] | string): void {
  console.info(
    `${title}:\n${typeof what === 'string' ? what : what.map((event) => `  ${event}`).join('\n')}`,
  );
}

/** Shortens long values. One of them is the key, although the test throws it away. */
function shortened(text: string): string {
  return text.replaceAll(/: "([^"]{16})[^"]{8,}"/g, ': "$1…"');
}

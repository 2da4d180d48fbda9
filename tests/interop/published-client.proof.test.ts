import { beforeAll, describe, expect, it } from 'vitest';
import {
  productionOnlyClients,
  publishedClients,
  selfHostedClients,
} from './published-client/published-clients.mjs';
import { hookTimeout, runWithPublishedClients } from './published-client/run-with-published-clients.mjs';

const script = new URL('published-client/scenarios.mjs', import.meta.url);
// biome-ignore lint/suspicious/noExplicitAny: checked below, member by member.
let seenByVersion: Record<string, any> = {};

// The published client runs only in a network namespace with loopback, with throwaway credentials.
beforeAll(async () => {
  seenByVersion = await runWithPublishedClients(script);
}, hookTimeout);

const worked = { code: 0, output: expect.stringContaining('answer-of-the-resource-server') };
const refusedSelfHosting = {
  code: 1,
  output: expect.stringContaining('Agent Identity only supports production and staging ChatGPT environments'),
};
const bearerInference = ['inference refused: unsupported_scheme'];

describe.each(publishedClients)('the published client $version', ({ version, writesInPlace }) => {
  // biome-ignore lint/suspicious/noExplicitAny: checked below, member by member.
  let seen: any;
  beforeAll(() => {
    seen = seenByVersion[version];
  });

  it('leaves an identity that our opt-in wrote as it is', () => {
    const { registered, answer, after, left } = seen.clientUsesOurs;
    expect(registered).toEqual(['register runtime', 'register task']);
    expect(answer).toMatchObject(worked);
    expect(left).toBe(after);
  });

  it('keeps the terminal state that we remember, and that keeps our opt-in from sending anything', () => {
    const { code, ourEvents, answer, untouched } = seen.weRememberDeletedRuntime;
    expect([code, ourEvents]).toEqual(['agent_runtime_deleted', []]);
    expect(answer).toMatchObject(worked);
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

  it('can run while we opt in, which leaves one complete identity that is used from then on', () => {
    const { answer, record, next, nextEvents } = seen.bothAtOnce;
    expect(answer).toMatchObject(worked);
    expect(next).toEqual({ agentRuntimeId: record.agent_runtime_id, taskId: record.task_id });
    expect(nextEvents).toEqual([]);
  });

  it(`writes a login with an API key that we read, ${writesInPlace ? 'in place' : 'by a rename'}`, () => {
    const { answer, isSame, isInPlace, mode } = seen.clientLogsInWithApiKey;
    expect(answer).toMatchObject({ code: 0 });
    expect({ isSame, isInPlace, mode }).toEqual({ isSame: true, isInPlace: writesInPlace, mode: 0o600 });
  });

  it('verifies the JWT of a login with the key set, and writes a login that we read', () => {
    const { answer, events, kind, isSame } = seen.clientLogsInWithJwt;
    expect(answer).toMatchObject({ code: 0 });
    expect({ events, kind, isSame }).toEqual({ events: ['jwks'], kind: 'agentIdentityJwt', isSame: true });
  });
});

describe.each(publishedClients.filter(({ writesInPlace }) => writesInPlace))(
  'the published client $version, stopped while auth.json is empty',
  ({ version }) => {
    it('makes our reader wait, and the reader gets the login when the client continues', () => {
      const { during, after } = seenByVersion[version].clientLogsInWithApiKey;
      expect(during).toMatchObject({ stored: '', isWaiting: true, credentials: 'apiKey' });
      expect(JSON.parse(after)).toMatchObject({ auth_mode: 'apikey' });
    });
  },
);

describe.each(publishedClients.filter(({ writesInPlace }) => !writesInPlace))(
  'the published client $version, logging in again and again',
  ({ version }) => {
    it('never leaves auth.json short', () => {
      expect(seenByVersion[version].clientLogsInWithApiKey.during).toEqual({ logins: 10 });
    });
  },
);

describe.each(selfHostedClients)('the published client $version with identities', (client) => {
  const { version, tasksPerExec } = client;
  // biome-ignore lint/suspicious/noExplicitAny: checked below, member by member.
  let seen: any;
  beforeAll(() => {
    seen = seenByVersion[version];
  });

  it('uses an identity that our opt-in wrote and registers none itself', () => {
    const { ours, events } = seen.clientUsesOurs;
    expect(events).toEqual([inferenceBy(ours)]);
  });

  it('gets the same auth.json from our opt-in as from its own: agent_identity is appended, nothing else changes', () => {
    const { before, after } = seen.clientUsesOurs;
    const kept = before.slice(0, -'\n}'.length);
    expect(after.startsWith(`${kept},\n  "agent_identity": {\n    "agent_runtime_id": "`)).toBe(true);
    const names = Object.keys(JSON.parse(after).agent_identity);
    expect(names).toEqual(Object.keys(seen.weReuseTheirs.record));
    tell(`${version}: diff of auth.json`, shortenValues(after.slice(kept.length)));
  });

  it('ignores the terminal state that we remember', () => {
    const { identity, events } = seen.weRememberDeletedRuntime;
    expect(events).toEqual([inferenceBy(identity)]);
  });

  it('writes an identity that our opt-in reuses without a request or a change', () => {
    const { answer, events, ours, record, ourEvents, untouched } = seen.weReuseTheirs;
    tell(`${version}: the client, then our opt-in`, [...events, ...ourEvents]);
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
    const { answer, events, untouched } = seen.clientUsesExportedJwt;
    expect(answer).toMatchObject({ code: 0, output: expect.stringContaining('Logged in') });
    expect(events).toEqual(['jwks', 'register task']);
    expect(untouched).toBe(true);
  });

  it(`registers ${tasksPerExec} tasks for a run with that JWT`, () => {
    const { run } = seen.clientUsesExportedJwt;
    tell(`${version}: the client with an exported JWT`, run.events);
    expect(run.answer).toMatchObject(worked);
    expect(run.events.at(-1)).toMatch(/^inference by \S+ under \S+ for acct-interop-1$/);
    expect(run.events.filter((event: string) => event === 'register task')).toHaveLength(tasksPerExec);
  });
});

describe.each(productionOnlyClients)('the published client $version without production', ({ version }) => {
  // biome-ignore lint/suspicious/noExplicitAny: checked below, member by member.
  let seen: any;
  beforeAll(() => {
    seen = seenByVersion[version];
  });

  it('ignores an identity that our opt-in wrote and sends its bearer token', () => {
    expect(seen.clientUsesOurs.events).toEqual(bearerInference);
    expect(seen.weRememberDeletedRuntime.events).toEqual(bearerInference);
  });

  it('registers nothing at its own opt-in and sends its bearer token, and then ours registers', () => {
    const { answer, events, record, ourEvents } = seen.weReuseTheirs;
    expect(answer).toMatchObject(worked);
    expect(events).toEqual(bearerInference);
    expect(record).toBeUndefined();
    expect(ourEvents).toEqual(['register runtime', 'register task']);
  });

  it('refuses an exported record and an exported JWT, without a request or a change', () => {
    const { clientUsesExportedRecord: record, clientUsesExportedJwt: jwt } = seen;
    expect([record.answer, jwt.run.answer]).toEqual([refusedSelfHosting, refusedSelfHosting]);
    expect(jwt.answer).toEqual(refusedSelfHosting);
    expect([...record.events, ...jwt.events, ...jwt.run.events]).toEqual([]);
    expect([record.untouched, jwt.untouched]).toEqual([true, true]);
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
function shortenValues(text: string): string {
  return text.replaceAll(/: "([^"]{16})[^"]{8,}"/g, ': "$1…"');
}

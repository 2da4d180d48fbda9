import { memoryAuthStore } from 'chatgpt-auth';
import fc from 'fast-check';
import { loadAuth, providerFetch } from 'provider-auth';
import { loopbackServer, type RecordedRequest, unsignedJwt } from 'test-support';
import { expect, it } from 'vitest';
import { chatgptLogin } from '../support/chatgpt-login.js';
import { now } from '../support/first-party.js';
import {
  actorAuthOf,
  chatgptActor,
  instanceOf,
  instanceServers,
  refusal,
} from '../support/instance-servers.js';
import { stillEffects } from '../support/start-run.js';

const mode = fc.constantFrom('dual_header' as const, 'assertion_only' as const);

/** What the servers do, and how many requests are made at the same time, in one step. */
const step = fc.record({
  requests: fc.integer({ min: 1, max: 4 }),
  registration: fc.constantFrom(200, 200, 200, 201, 307, 400, 401, 403, 409, 500),
  refresh: fc.constantFrom(200, 200, 401, 500),
  provider: fc.constantFrom<[status: number, code: string]>(
    [200, ''],
    [200, ''],
    [401, 'other'],
    [403, 'other'],
    [403, 'instance_assertion_expired'],
    [503, 'other'],
    [401, 'runtime_instance_revoked'],
    [403, 'runtime_assertion_invalid'],
  ),
  days: fc.constantFrom(0, 0, 10),
});

it('no request arrives without a new assertion of the instance that its own token registered', async () => {
  await fc.assert(
    fc.asyncProperty(mode, fc.array(step, { minLength: 1, maxLength: 6 }), async (ofMode, steps) => {
      const servers = await instanceServers();
      servers.state.actor = chatgptActor;
      let time = now;
      let current = steps[0] as (typeof steps)[number];
      let refreshes = 0;
      const tokenServer = await loopbackServer(() => {
        refreshes += 1;
        const exp = time / 1000 + 8 * 86_400;
        return { status: current.refresh, body: { access_token: unsignedJwt({ jti: `${refreshes}`, exp }) } };
      });
      const violations: string[] = [];
      const provider = await loopbackServer((request) => {
        const refused = servers.judge(request);
        if (refused !== undefined) violations.push(JSON.stringify(refused.body));
        violations.push(...findMismatch(request, servers.registry.requests));
        return refusal(...current.provider);
      });
      const auth = await loadAuth(
        {
          store: memoryAuthStore(chatgptLogin()),
          tokenUrl: `${tokenServer.origin}/oauth/token`,
          runtimeAgentInstances: servers.options({ mode: ofMode }),
        },
        { ...stillEffects, clock: () => time },
      );
      const fetch = providerFetch(auth, { kind: 'first_party', baseUrl: provider.origin });
      for (const each of steps) {
        current = each;
        time += each.days * 86_400_000;
        servers.state.serverNow = time;
        servers.state.answerRegistration =
          each.registration === 200 ? undefined : () => refusal(each.registration, 'other');
        await Promise.allSettled(Array.from({ length: each.requests }, () => fetch(provider.origin)));
      }
      expect(violations).toEqual([]);
      expect(findRepeated(servers.registry.requests)).toEqual([]);
    }),
    { numRuns: 60 },
  );
});

/** In the dual mode, the bearer token is the one that registered the instance. */
function findMismatch(
  { headers, ...request }: RecordedRequest,
  registrations: readonly RecordedRequest[],
): string[] {
  const token = headers['authorization'] ?? '';
  if (token.startsWith('AgentAssertion 1.')) return [];
  const instance = instanceOf({ headers, ...request });
  const tokens = new Map<string, string>();
  for (const each of registrations) {
    const { credential } = actorAuthOf(each) as { credential: string };
    tokens.set(`Bearer ${credential}`, JSON.parse(each.body).public_key);
  }
  return tokens.has(token) ? [] : [`${instance} with another token`];
}

/** Returns the credentials that were registered with two keys or two idempotency keys. */
function findRepeated(registrations: readonly RecordedRequest[]): string[] {
  const keys = new Map<string, Set<string>>();
  for (const each of registrations) {
    const { credential } = actorAuthOf(each) as { credential: string };
    const key = `${JSON.parse(each.body).public_key} ${each.headers['idempotency-key']}`;
    keys.set(credential, (keys.get(credential) ?? new Set()).add(key));
  }
  return [...keys].flatMap(([credential, { size }]) => (size === 1 ? [] : [credential]));
}

import { memoryStore, type StoredAgentRuntime } from 'agent-identity-authority-core';
import {
  type AgentKey,
  createAgentAssertion,
  formatAgentAssertion,
  generateAgentKey,
  signStatement,
  signTaskRegistration,
} from 'agent-identity-core';
import { createAssertionVerifier } from 'agent-identity-verifier';
import { someRuntime } from 'test-support';
import { describe, expect, it } from 'vitest';
import { createChild } from '../../src/runtimes/child-registration-route.js';
import { bearer, now, registrationOf, startAuthority } from '../support/start-authority.js';

const abom = { agent_version: '1', agent_harness_id: 'reviewer', running_location: 'ci-linux' };
const clock = () => now;

/** An authority with a runtime that may do `responsesapi`. */
async function startFamily() {
  const started = await startAuthority();
  const parentKey = generateAgentKey();
  const parentId = await started.register(parentKey);
  return {
    started,
    parentKey,
    parentId,
    async register(
      changes: object = {},
      {
        id = parentId,
        key = parentKey,
        childKey = generateAgentKey(),
        at = now,
      }: { id?: string; key?: AgentKey; childKey?: AgentKey; at?: number } = {},
    ) {
      const members = {
        agent_runtime_id: id,
        agent_public_key: childKey.publicKey.ssh,
        abom,
        capabilities: ['responsesapi'],
        ttl: null,
        name: null,
        ...changes,
      };
      const keys = { key, newKey: childKey };
      const body = await signStatement('child-registration', members, keys, { clock: () => at });
      const answer = await started.post(`/v1/agent/${id}/child/register`, body);
      return { ...answer, childKey, signed: body, id: answer.body.agent_runtime_id };
    },
  };
}

describe('POST /v1/agent/:agentRuntimeId/child/register', () => {
  it('registers a runtime of the same account whose assertions tell its lineage', async () => {
    const { started, parentId, register } = await startFamily();
    const { status, body, childKey, id } = await register({ name: 'reviewer', ttl: 60 });
    expect(status).toBe(200);
    expect(body).toEqual({
      agent_runtime_id: expect.stringMatching(/^agent-/),
      capabilities: ['responsesapi'],
      expires_at: new Date(now + 60_000).toISOString(),
    });
    const task = await started.registerTask(
      id,
      signTaskRegistration({ agentKey: childKey, agentRuntimeId: id }, { clock }),
    );
    const verifier = createAssertionVerifier({ directory: started.authority.directory }, { clock });
    const taskId: string = task.body.task_id;
    const header = formatAgentAssertion(
      createAgentAssertion({ agentKey: childKey, agentRuntimeId: id, taskId }, { clock }),
    );
    const agent = await verifier.verify(header, { accountId: 'account-1' });
    expect(agent).toMatchObject({
      agentRuntimeId: id,
      accountId: 'account-1',
      lineage: [parentId],
      name: 'reviewer',
    });
    const { body: shown } = await started.admin(`/v1/admin/agents/${id}`);
    expect(shown).toMatchObject({ lineage: [parentId], status: 'active' });
    await started.admin(`/v1/admin/agents/${parentId}/suspend`, {});
    const refused = await verifier.verify(header, { accountId: 'account-1' }).catch((error) => error.code);
    expect(refused).toBe('agent_runtime_suspended');
  });

  it('answers a repeat with the same child, and the same key for another parent with 409', async () => {
    const { started, register, parentId } = await startFamily();
    const first = await register();
    const again = await started.post(`/v1/agent/${parentId}/child/register`, first.signed);
    expect(again.body).toEqual(first.body);
    const otherKey = generateAgentKey();
    const otherId = await started.register(otherKey);
    const taken = await register({}, { id: otherId, key: otherKey, childKey: first.childKey });
    expect([taken.status, taken.body.error.code]).toEqual([409, 'agent_public_key_taken']);
  });

  it('takes children four deep and no deeper', async () => {
    const { register, parentId, parentKey } = await startFamily();
    let by = { id: parentId, key: parentKey };
    for (let depth = 1; depth <= 4; depth += 1) {
      const child = await register({}, by);
      expect(child.status).toBe(200);
      by = { id: child.id, key: child.childKey };
    }
    const fifth = await register({}, by);
    expect([fifth.status, fifth.body.error.code]).toEqual([403, 'lineage_too_deep']);
  });

  it('refuses other signers, old statements, other paths, and bodies that are not statements', async () => {
    const { started, register, parentId, parentKey } = await startFamily();
    const stranger = await register({}, { id: parentId, key: generateAgentKey() });
    expect([stranger.status, stranger.body.error.code]).toEqual([401, 'invalid_signature']);
    const old = await register({}, { id: parentId, key: parentKey, at: now - 301_000 });
    expect([old.status, old.body.error.code]).toEqual([401, 'statement_expired']);
    const ahead = await register({}, { id: parentId, key: parentKey, at: now + 301_000 });
    expect([ahead.status, ahead.body.error.code]).toEqual([401, 'statement_in_future']);
    const elsewhere = await register({ agent_runtime_id: 'agent-0' });
    expect([elsewhere.status, elsewhere.body.error.code]).toEqual([400, 'malformed_statement']);
    const unknown = await register({}, { id: 'agent-0', key: parentKey });
    expect([unknown.status, unknown.body.error.code]).toEqual([400, 'invalid_agent_runtime_id']);
    for (const changes of [{ ttl: 0 }, { extra: 1 }, { name: '' }, { capabilities: 'all' }, { abom: null }]) {
      const { status, body } = await register(changes);
      expect([status, body.error.code]).toEqual([400, 'malformed_statement']);
    }
    const { signed } = await register();
    const path = `/v1/agent/${parentId}/child/register`;
    for (const body of [{}, { ...signed, extra: 1 }, { ...signed, signature: 5 }, '[]', 'null']) {
      expect((await started.post(path, body)).status).toBe(400);
    }
    const { items } = await started.store.listAgentRuntimes();
    expect(items.filter(({ lineage }) => lineage.length > 0)).toHaveLength(1);
  });

  it('takes no more than 1,000 living descendants of a root', async () => {
    const { started, register, parentId } = await startFamily();
    const living = { ...someRuntime(), lineage: [parentId], createdAt: now, expiresAt: now + 1000 };
    for (let child = 0; child < 999; child += 1) {
      const { agentRuntimeId, publicKeySsh } = someRuntime();
      await started.store.addChildAgentRuntime({ ...living, agentRuntimeId, publicKeySsh });
    }
    const last = await register();
    expect(last.status).toBe(200);
    const refused = await register({}, { id: last.id, key: last.childKey });
    expect([refused.status, refused.body.error.code]).toEqual([403, 'too_many_descendants']);
    expect((await started.post(`/v1/agent/${parentId}/child/register`, last.signed)).body).toEqual(last.body);
  });

  it('tells a suspended, revoked or expired parent so', async () => {
    const { started, register, parentId } = await startFamily();
    await started.store.suspendAgentRuntime(parentId, now);
    expect((await register()).body.error.code).toBe('agent_runtime_suspended');
    await started.store.revokeAgentRuntime(parentId, now);
    expect((await register()).body.error.code).toBe('agent_runtime_deleted');
  });
});

describe('the capabilities and the life of descendants', () => {
  it('are never more than those of their parents, in 10,000 random trees', () => {
    const random = createRandom();
    let granted = 0;
    for (let tree = 0; tree < 10_000; tree += 1) {
      let parent: StoredAgentRuntime = {
        ...newRoot,
        capabilities: random.some(names),
        expiresAt: endOf(random.ttl()),
      };
      for (let depth = 1; depth <= 4; depth += 1) {
        const asked = [...random.some(names), ...random.some(names)];
        const ttl = random.ttl();
        const child = createChild(parent, { ...statement, capabilities: asked, ttl }, now);
        const ofBoth = names.filter((name) => asked.includes(name) && parent.capabilities.includes(name));
        expect(child.capabilities.toSorted()).toEqual(ofBoth);
        expect(endsAt(child.expiresAt)).toBe(Math.min(endsAt(parent.expiresAt), endsAt(endOf(ttl))));
        expect(child.lineage).toEqual([...parent.lineage, parent.agentRuntimeId]);
        granted += child.capabilities.length;
        parent = child;
      }
    }
    expect(granted).toBeGreaterThan(1000);
  });
});

const names = ['a', 'b', 'c', 'd', 'e'];
const statement = { agent_runtime_id: '', abom, agent_public_key: 'k', name: null, timestamp: '' };
const newRoot = {
  ...someRuntime(),
  suspendedAt: null,
  revokedAt: null,
};
const endOf = (ttl: number | null) => (ttl === null ? null : now + ttl * 1000);
const endsAt = (expiresAt: number | null) => expiresAt ?? Number.POSITIVE_INFINITY;

/** The same choices in each run. */
function createRandom() {
  let seed = 11;
  const below = (limit: number) => {
    seed = (seed * 1103515245 + 12345) % 2147483648;
    return Math.floor((seed / 2147483648) * limit);
  };
  return {
    some: (of: readonly string[]) => of.filter(() => below(2) === 0),
    ttl: () => (below(2) === 0 ? null : 1 + below(1000)),
  };
}

describe('POST /v1/agent/:agentRuntimeId/key', () => {
  async function startChange() {
    const started = await startAuthority();
    const key = generateAgentKey();
    const newKey = generateAgentKey();
    const id = await started.register(key);
    const change = async (keys = { key, newKey }, changes: object = {}) => {
      const members = {
        agent_runtime_id: id,
        previous_public_key: keys.key.publicKey.ssh,
        agent_public_key: keys.newKey.publicKey.ssh,
        end_tasks: false,
        ...changes,
      };
      return started.post(`/v1/agent/${id}/key`, await signStatement('key-change', members, keys, { clock }));
    };
    const registerTask = (agentKey: AgentKey) =>
      started.registerTask(id, signTaskRegistration({ agentKey, agentRuntimeId: id }, { clock }));
    return { started, key, newKey, id, change, registerTask };
  }

  it('changes the key: the new one registers tasks at once, the old one does not, and a repeat is answered alike', async () => {
    const { key, newKey, id, change, registerTask } = await startChange();
    expect((await registerTask(key)).status).toBe(200);
    const answer = await change();
    expect([answer.status, answer.body]).toEqual([
      200,
      { agent_runtime_id: id, agent_public_key: newKey.publicKey.ssh },
    ]);
    expect((await change()).body).toEqual(answer.body);
    expect((await registerTask(newKey)).status).toBe(200);
    const refused = await registerTask(key);
    expect([refused.status, refused.body.error.code]).toEqual([401, 'invalid_signature']);
  });

  it('keeps the replaced key from being registered again, as a runtime or as a child', async () => {
    const { started, key, newKey, id, change } = await startChange();
    await change();
    const again = await started.post('/v1/agent/register', registrationOf(key), bearer());
    expect([again.status, again.body.error.code]).toEqual([409, 'agent_public_key_taken']);
    const members = {
      agent_runtime_id: id,
      agent_public_key: key.publicKey.ssh,
      abom,
      capabilities: [],
      ttl: null,
      name: null,
    };
    const child = await signStatement('child-registration', members, { key: newKey, newKey: key }, { clock });
    const refused = await started.post(`/v1/agent/${id}/child/register`, child);
    expect([refused.status, refused.body.error.code]).toEqual([409, 'agent_public_key_taken']);
  });

  it('is known at once to a node that has not heard of the change', async () => {
    const store = memoryStore();
    const deaf = { ...store, subscribe: () => () => {} };
    const one = await startAuthority({ store });
    const other = await startAuthority({ store: deaf, lookupCacheSeconds: 0 });
    const key = generateAgentKey();
    const newKey = generateAgentKey();
    const id = await one.register(key);
    const registerTask = (agentKey: AgentKey) =>
      other.registerTask(id, signTaskRegistration({ agentKey, agentRuntimeId: id }, { clock }));
    expect((await registerTask(key)).status).toBe(200);
    const change = { from: key.publicKey.ssh, to: newKey.publicKey.ssh, endTasks: false };
    await store.changeAgentRuntimeKey(id, change, now);
    expect((await registerTask(newKey)).status).toBe(200);
  });

  it('lets the tasks live on or ends them', async () => {
    const { started, key, newKey, id, change, registerTask } = await startChange();
    const taskId = (await registerTask(key)).body.task_id;
    await change();
    expect(await started.authority.directory.findAgentTask(id, taskId)).toMatchObject({ status: 'active' });
    await change({ key: newKey, newKey: generateAgentKey() }, { end_tasks: true });
    expect(await started.authority.directory.findAgentTask(id, taskId)).toMatchObject({ status: 'revoked' });
  });

  it('refuses a signature of one key only, another previous key, and a key that is taken', async () => {
    const { started, key, newKey, change, id } = await startChange();
    const stranger = generateAgentKey();
    expect((await change({ key: stranger, newKey })).body.error.code).toBe('invalid_signature');
    const unsigned = await change({ key, newKey: stranger }, { agent_public_key: newKey.publicKey.ssh });
    expect(unsigned.body.error.code).toBe('invalid_signature');
    const wrong = await change(undefined, { previous_public_key: stranger.publicKey.ssh });
    expect([wrong.status, wrong.body.error.code]).toEqual([409, 'agent_public_key_taken']);
    const otherKey = generateAgentKey();
    await started.register(otherKey);
    const taken = await change({ key, newKey: otherKey });
    expect([taken.status, taken.body.error.code]).toEqual([409, 'agent_public_key_taken']);
    expect(await started.store.findAgentRuntime(id)).toMatchObject({ publicKeySsh: key.publicKey.ssh });
  });

  it('refuses a suspended and a revoked runtime', async () => {
    const { started, id, change } = await startChange();
    await started.store.suspendAgentRuntime(id, now);
    expect((await change()).body.error.code).toBe('agent_runtime_suspended');
    await started.store.revokeAgentRuntime(id, now);
    expect((await change()).body.error.code).toBe('agent_runtime_deleted');
  });
});

import { createInstanceAssertion, readAgentKey } from 'agent-identity-core';
import { inspectText } from 'agent-identity-inspector';
import { fixedAgent, fixedRecord as record, rsaKey, signJwt, unsignedJwt } from 'test-support';
import { describe, expect, it } from 'vitest';

const { assertionHeader, assertionSignature, pkcs8, sshLine } = fixedAgent;
const now = Date.parse('2026-04-23T00:00:40Z');
const agentJwt = signJwt(rsaKey(), {
  ...record,
  iss: 'https://chatgpt.com/codex-backend/agent-identity',
  aud: 'codex-app-server',
  iat: now / 1000,
  exp: now / 1000 + 3600,
});
const token = assertionHeader.split(' ')[1] ?? '';
const envelope = Buffer.from(token, 'base64url').toString();
const instanceAssertion = createInstanceAssertion({
  agentKey: readAgentKey(pkcs8),
  runtimeAgentInstanceId: 'instance-1',
});
const authJson = JSON.stringify({ auth_mode: 'agentIdentity', agent_identity: record });

describe('inspectText', () => {
  it.each([
    ['a header line', `Authorization: ${assertionHeader}`, 'agent_assertion', ['signature']],
    ['a header value', assertionHeader, 'agent_assertion', ['signature']],
    ['an assertion without its scheme', token, 'agent_assertion', ['signature']],
    ['an envelope', envelope, 'agent_assertion', ['signature']],
    ['an assertion of an instance', instanceAssertion, 'instance_assertion', ['signature']],
    ['an Agent Identity JWT', agentJwt, 'agent_identity_jwt', ['agent_private_key']],
    ['another JWT', `Bearer ${unsignedJwt({ sub: 'user-1' })}`, 'jwt', []],
    ['an OpenSSH line', sshLine, 'ssh_public_key', []],
    ['a private key', pkcs8, 'agent_key', ['agent_private_key']],
    ['a record', JSON.stringify(record), 'agent_identity_record', ['agent_private_key']],
    ['an auth.json', authJson, 'auth_json', ['agent_identity']],
    ['a personal access token', 'at-secret', 'token', ['personal_access_token']],
  ])('recognizes %s, and marks what is secret', async (_, text, form, secrets) => {
    const { members, ...inspection } = await inspectText(text, now);
    expect(inspection.form).toBe(form);
    expect(members.filter(({ secret }) => secret).map(({ name }) => name)).toEqual(secrets);
  });

  it('says of an assertion when it was signed, and that this was not verified', async () => {
    const { notes, isSigned, members } = await inspectText(assertionHeader, now);
    expect(notes).toEqual(['Signed 2026-04-23T00:00:00Z (40 s ago): inside the default window of 300 s.']);
    expect(isSigned).toBe(true);
    expect(members.find(({ name }) => name === 'signature')?.value).toBe(assertionSignature);
  });

  it('explains the identity inside an auth.json', async () => {
    const { inside, notes } = await inspectText(authJson, now);
    expect(inside?.form).toBe('agent_identity_record');
    expect(inside?.members.find(({ name }) => name === 'public_key')?.value).toBe(sshLine);
    expect(notes).toEqual(['The credentials in use are of the kind agentIdentityRecord.']);
  });

  it('notes what is wrong with a record, by member', async () => {
    const { notes } = await inspectText(JSON.stringify({ ...record, plan_type: 7 }), now);
    expect(notes).toEqual(['Not usable: plan_type: expected a string, got a number']);
  });

  it.each([
    ['empty text', ''],
    ['other text', 'my secret text'],
    ['JSON with other members', '{"my":"secret text"}'],
    ['JSON that does not end', '{"my":"secret text"'],
    ['a JWT of other text', 'eyJx.secret.text'],
    ['a damaged assertion', 'AgentAssertion secret text'],
  ])('refuses %s with a typed error that does not repeat it', async (_, text) => {
    const error = await inspectText(text, now).catch((thrown: unknown) => thrown);
    expect(error).toMatchObject({ name: 'AgentIdentityError' });
    expect(['unrecognized_input', 'malformed_assertion']).toContain((error as { code: string }).code);
    expect(String(error)).not.toMatch(/secret/);
  });
});

describe('a record without a key', () => {
  const { agent_private_key: _key, ...keyless } = record;

  it('is recognized, and says where its key is', async () => {
    const inspection = await inspectText(JSON.stringify(keyless), now);
    expect(inspection).toMatchObject({
      form: 'agent_identity_record',
      title: 'agent identity record without a key',
      notes: ['It has no private key. A signer, such as an ssh-agent, has it: give both.'],
    });
    expect(inspection.members.map(({ name }) => name)).toEqual(Object.keys(keyless));
  });

  it('says what is wrong with it', async () => {
    const { notes } = await inspectText(JSON.stringify({ ...keyless, plan_type: 1 }), now);
    expect(notes[0]).toMatch(/^Not usable: .*plan_type/);
  });
});

import { createInstanceAssertion, readAgentKey } from 'agent-identity-core';
import { fixedAgent, fixedRecord as record, rsaKey, signJwt, temporaryFile, unsignedJwt } from 'test-support';
import { describe, expect, it } from 'vitest';
import { runProgram } from '../support/run-program.js';

const { assertionHeader, assertionSignature, pkcs8, sshLine } = fixedAgent;

const claims = {
  ...record,
  iss: 'https://chatgpt.com/codex-backend/agent-identity',
  aud: 'codex-app-server',
  iat: 1_776_902_400,
  exp: 1_776_906_000,
};
const agentJwt = signJwt(rsaKey(), claims);
const idToken = unsignedJwt({ sub: 'user-1', email: 'someone@example.com' });
const tokens = {
  id_token: idToken,
  access_token: 'access-secret',
  refresh_token: 'refresh-secret',
  account_id: 'a',
};
const envelope = Buffer.from(assertionHeader.split(' ')[1] ?? '', 'base64url').toString();

async function inspectAsJson(input: string, ...words: string[]) {
  const { code, stdout, stderr } = await runProgram(['inspect', '--json', ...words], { input });
  expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
  const inspection = JSON.parse(stdout) as {
    form: string;
    members: { name: string; value?: unknown }[];
    notes: string[];
  };
  const values = Object.fromEntries(inspection.members.map(({ name, value }) => [name, value]));
  return { ...inspection, values, stdout };
}

describe('inspect', () => {
  const assertionMembers = {
    agent_runtime_id: 'agent-123',
    task_id: 'task-123',
    timestamp: '2026-04-23T00:00:00Z',
  };
  const instanceAssertion = createInstanceAssertion({
    agentKey: readAgentKey(pkcs8),
    runtimeAgentInstanceId: 'instance-1',
  });

  it.each([
    ['a header line', `Authorization: ${assertionHeader}`, 'agent_assertion', assertionMembers],
    ['a header value', assertionHeader, 'agent_assertion', assertionMembers],
    ['an assertion alone', assertionHeader.split(' ')[1] ?? '', 'agent_assertion', assertionMembers],
    ['an envelope', envelope, 'agent_assertion', assertionMembers],
    [
      'an assertion of an instance',
      instanceAssertion,
      'instance_assertion',
      { runtime_agent_instance: 'instance-1' },
    ],
    [
      'an Agent Identity JWT',
      agentJwt,
      'agent_identity_jwt',
      { account_id: 'account-1', public_key: sshLine },
    ],
    ['another JWT', `Bearer ${idToken}`, 'jwt', { sub: 'user-1' }],
    ['an OpenSSH line', sshLine, 'ssh_public_key', { ed25519_public_key: fixedAgent.publicKeyHex }],
    ['a private key', pkcs8, 'agent_key', { public_key: sshLine }],
    [
      'a record',
      JSON.stringify(record),
      'agent_identity_record',
      { plan_type: 'business', public_key: sshLine },
    ],
    ['an auth.json', JSON.stringify({ auth_mode: 'chatgpt', tokens }), 'auth_json', { auth_mode: 'chatgpt' }],
    ['a personal access token', 'at-secret-token', 'token', {}],
  ])('recognizes %s, and hides its secrets', async (_name, input, form, values) => {
    const inspection = await inspectAsJson(input);
    expect(inspection).toMatchObject({ form, values });
    for (const secret of [
      pkcs8,
      assertionSignature,
      'access-secret',
      'refresh-secret',
      'at-secret-token',
      idToken,
    ]) {
      expect(inspection.stdout).not.toContain(secret);
    }
  });

  it('explains each member with its section, and reveals secrets only when asked', async () => {
    const text = (await runProgram(['inspect', await temporaryFile(JSON.stringify(record))])).stdout;
    expect(text).toContain('agent identity record [docs/protocol.md section 9]');
    expect(text).toContain('agent_private_key: hidden (a secret; --reveal shows it)');
    expect(text).toContain('The private key of the agent: base64 of PKCS#8. [docs/protocol.md section 2]');
    expect(text).not.toContain('\u001b');
    const revealed = await inspectAsJson(JSON.stringify(record), '--reveal');
    expect(revealed.values['agent_private_key']).toBe(pkcs8);
  });

  it('explains the identity inside an auth.json', async () => {
    const document = { auth_mode: 'agentIdentity', OPENAI_API_KEY: null, agent_identity: agentJwt };
    const { stdout, notes } = await inspectAsJson(JSON.stringify(document));
    expect(JSON.parse(stdout).inside).toMatchObject({ form: 'agent_identity_jwt' });
    expect(notes).toEqual(['The credentials in use are of the kind agentIdentityJwt.']);
    expect(stdout).not.toContain(agentJwt.split('.')[1]);
  });

  it('says what is wrong with an identity that cannot be used', async () => {
    const { notes } = await inspectAsJson(
      JSON.stringify({ ...record, account_id: 7, agent_private_key: 'x' }),
    );
    expect(notes.join('\n')).toMatch(/account_id: expected a string/);
    expect(notes.join('\n')).toMatch(/agent_private_key: expected base64/);
    const expired = await inspectAsJson(agentJwt);
    expect(expired.notes.join('\n')).toContain('Expired 2026-04-23T01:00:00Z');
  });

  it('escapes what a terminal would act on', async () => {
    const hostile = JSON.stringify({ ...record, email: '\u001b[2J\u202eevil' });
    const { stdout } = await runProgram(['inspect'], { input: hostile });
    expect(stdout).toContain('\\u{1b}[2J\\u{202e}evil');
    for (const character of ['\u001b', '\u202e']) expect(stdout).not.toContain(character);
  });

  it('warns of a secret among the arguments', async () => {
    const { stderr } = await runProgram(['inspect', pkcs8]);
    expect(stderr).toContain('arguments show in process lists');
    expect((await runProgram(['inspect', sshLine])).stderr).toBe('');
  });

  it.each(['', 'hello', '{"a":1}', '{"a"', 'a.b.c', `${pkcs8.slice(0, -8)}`])(
    'refuses other text: %j',
    async (input) => {
      const { code, stdout, stderr } = await runProgram(['inspect'], { input });
      expect([2, 3]).toContain(code);
      expect(stdout).toBe('');
      expect(stderr).toMatch(/unrecognized_input|invalid_agent_key/);
    },
  );
});

it.each(['/dev/zero', '/proc'])('inspect reads no more than a real input of %s', async (path) => {
  const { code, stdout, stderr } = await runProgram(['inspect', path]);
  expect([code, stdout]).toEqual([7, '']);
  expect(stderr).toContain(`${path}: `);
});

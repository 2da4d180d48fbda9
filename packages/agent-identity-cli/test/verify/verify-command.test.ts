import { createInstanceAssertionSigner, readAgentKey } from 'agent-identity-core';
import { closedOrigin, fixedAgent, temporaryFile } from 'test-support';
import { describe, expect, it } from 'vitest';
import { runProgram } from '../support/run-program.js';
import { startAuthority } from '../support/start-authority.js';

const { assertionHeader, sshLine, timestamp } = fixedAgent;
const withKey = ['--public-key', sshLine];

describe('verify', () => {
  it('accepts an assertion, with the key as a line or in a file', async () => {
    const { code, stdout } = await runProgram(['verify', assertionHeader, ...withKey, '--at', timestamp]);
    expect({ code, stdout }).toEqual({
      code: 0,
      stdout: 'Valid: signed by agent-123 for the task task-123 at 2026-04-23T00:00:00Z.\n',
    });
    const inFile = [
      'verify',
      '--public-key',
      await temporaryFile(`${sshLine}\n`),
      '--at',
      timestamp,
      '--json',
    ];
    const input = `Authorization: ${assertionHeader}\n`;
    expect(JSON.parse((await runProgram(inFile, { input })).stdout)).toEqual({
      valid: true,
      agent_runtime_id: 'agent-123',
      task_id: 'task-123',
      timestamp,
    });
  });

  it('accepts an assertion of a runtime agent instance, with and without the scheme', async () => {
    const agentKey = readAgentKey(fixedAgent.pkcs8);
    const signer = createInstanceAssertionSigner({ agentKey, runtimeAgentInstanceId: 'instance-1' });
    for (const input of [signer.assertion(), `Authorization: ${signer.authorizationHeader()}`]) {
      const { code, stdout } = await runProgram(['verify', ...withKey, '--json'], { input });
      expect(code).toBe(0);
      expect(JSON.parse(stdout)).toMatchObject({ valid: true, runtime_agent_instance: 'instance-1' });
    }
  });

  it('refuses an old assertion, another key, a changed assertion and one without a key', async () => {
    const other = (await runProgram(['keygen', '--reveal', '--json'])).stdout;
    const changed = `${assertionHeader.slice(0, -6)}${assertionHeader.slice(-6).toUpperCase()}`;
    for (const [words, code, error] of [
      [[assertionHeader, ...withKey, '--at', '2026-04-23T00:05:01Z'], 3, 'assertion_expired'],
      [[assertionHeader, ...withKey, '--at', timestamp, '--max-age-seconds', '0'], 0, ''],
      [
        [assertionHeader, '--public-key', JSON.parse(other).public_key, '--at', timestamp],
        3,
        'invalid_signature',
      ],
      [[changed, ...withKey, '--at', timestamp], 3, 'malformed_assertion'],
      [[assertionHeader], 2, 'invalid_argument'],
      [[assertionHeader, ...withKey, '--jwks-file', 'jwks.json'], 2, '--jwks-file'],
      [['neither'], 2, 'unrecognized_input'],
    ] as const) {
      const result = await runProgram(['verify', ...words]);
      expect(result).toMatchObject({ code, stderr: expect.stringContaining(error) });
      expect(result.stderr).not.toContain(assertionHeader.slice(-30));
    }
  });

  it('accepts a JWT of an authority, and shows no private key', async () => {
    const authority = await startAuthority();
    const { agent_runtime_id, jwt } = await authority.issue();
    const file = await temporaryFile(`${jwt}\n`);
    const { code, stdout } = await runProgram(['verify', file, '--jwt-base-url', authority.url, '--json']);
    expect(code).toBe(0);
    expect(JSON.parse(stdout)).toMatchObject({
      valid: true,
      claims: { agent_runtime_id, account_id: 'account-1' },
    });
    expect(stdout).not.toContain('private');
    const { environment } = authority;
    expect(await runProgram(['verify', file], { environment })).toMatchObject({ code: 0 });
  });

  it('refuses the JWT of another authority, an expired one, and one whose JWKS is unreachable', async () => {
    const [authority, other] = [await startAuthority(), await startAuthority()];
    const file = await temporaryFile((await authority.issue()).jwt);
    for (const [words, code, error] of [
      [['--jwt-base-url', other.url], 3, 'unknown_kid'],
      [['--jwt-base-url', authority.url, '--at', '2100-01-01T00:00:00Z'], 3, 'jwt_expired'],
      [['--jwt-base-url', await closedOrigin()], 6, 'jwks_unavailable'],
      [['--jwt-base-url', 'http://authority.example'], 8, 'insecure_url'],
    ] as const) {
      const result = await runProgram(['verify', file, ...words, '--json']);
      expect(result).toMatchObject({ code, stdout: '' });
      expect(JSON.parse(result.stderr)).toMatchObject({ error: { code: error, exit_code: code } });
    }
  });
});

import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { generateAgentKey } from 'agent-identity-core';
import { registrationBody, temporaryFile, temporaryFolder } from 'test-support';
import { oidcIssuer } from 'test-support/oidc';
import { describe, expect, it } from 'vitest';
import { runCommand } from '../support/run-program.js';
import { startServer } from '../support/start-server.js';

/** A provider, and a folder with rules for its tokens and with its keys. */
async function scene(rule: string) {
  const provider = await oidcIssuer(Date.now);
  const folder = await temporaryFolder();
  const file = join(folder, 'federation.toml');
  const keys = await (await fetch(`${provider.issuer}/keys`)).text();
  await writeFile(join(folder, 'keys.json'), keys);
  await writeFile(
    file,
    `[[rules]]\nname = "agents"\nissuer = "${provider.issuer}"\naudience = "agents"\n${rule}\n`,
  );
  const test = async (token: string) => {
    const words = ['federation', 'test', '--agents-federation-file', file];
    return runCommand([...words, '--token-file', await temporaryFile(token)]);
  };
  return { ...provider, file, test };
}

const rule = `accountIdClaim = ["org"]
[[rules.conditions]]
claim = "team"
glob = "agents-*"`;

describe('federation rules in a file', () => {
  it('decide who registers agents: 200, 403 for a token that fits no rule, 401 for one that is not valid', async () => {
    const { token, file } = await scene(rule);
    const { url, log } = await startServer({ agents: { federationFile: file } });
    const register = async (accessToken: string) => {
      const { status } = await fetch(`${url}/v1/agent/register`, {
        method: 'POST',
        headers: { authorization: `Bearer ${accessToken}`, 'content-type': 'application/json' },
        body: JSON.stringify(registrationBody(generateAgentKey().publicKey.ssh)),
      });
      return status;
    };
    expect(await register(await token({ team: 'agents-1' }))).toBe(200);
    const foreign = await token({ team: 'billing' });
    expect(await register(foreign)).toBe(403);
    expect(await register('no-token')).toBe(401);
    expect(log()).toContain('agents: claim team: expected a match of \\"agents-*\\"');
    expect(log()).not.toContain(foreign);
  });

  it('are explained by the command, with the keys of a file and without a network', async () => {
    const { token, test, requestedPaths } = await scene(`jwksFile = "keys.json"\n${rule}`);
    const before = requestedPaths.length;
    const accepted = await test(await token({ team: 'agents-1' }));
    expect(accepted.code).toBe(0);
    expect(JSON.parse(accepted.stdout)).toEqual({
      accepted: true,
      account: { accountId: 'account-1', chatgptUserId: 'user-1', planType: 'unknown', isFedramp: false },
      rules: [{ rule: 'agents', fits: true }],
    });
    const secret = await token({ team: 'billing' });
    const refused = await test(secret);
    expect([refused.code, refused.stderr]).toEqual([3, expect.stringContaining('token_refused')]);
    expect(JSON.parse(refused.stdout)).toMatchObject({
      accepted: false,
      rules: [{ rule: 'agents', fits: false, reason: 'role' }],
    });
    expect(`${refused.stdout}${refused.stderr}`).not.toContain(secret);
    expect(requestedPaths.length).toBe(before);
  });

  it.each([
    ['an unknown member', `${rule}\nequal = "x"`, 'equal'],
    ['no account', '', 'rules[0]'],
    ['a key set that is missing', `jwksFile = "missing.json"\n${rule}`, 'ENOENT'],
  ])('are refused at the start with %s', async (_what, text, message) => {
    const { file } = await scene(text);
    await expect(startServer({ agents: { federationFile: file } })).rejects.toMatchObject({
      code: 'invalid_configuration',
      message: expect.stringContaining(message),
    });
  });

  it('are required for an issuer that anybody can get tokens of', async () => {
    const issuer = 'https://token.actions.githubusercontent.com';
    await expect(
      startServer({ agents: { issuer, audience: ['agents'], accountIdClaim: ['repository_owner'] } }),
    ).rejects.toMatchObject({
      code: 'invalid_configuration',
      message: expect.stringContaining('agents.federationFile'),
    });
  });

  it('stand alone: not beside one issuer', async () => {
    const { file, issuer } = await scene(rule);
    await expect(startServer({ agents: { federationFile: file, issuer } })).rejects.toMatchObject({
      code: 'invalid_configuration',
    });
    expect((await runCommand(['federation', 'test', '--token-file', file])).code).toBe(2);
  });
});

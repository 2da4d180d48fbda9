import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { startAuthorityServer } from 'agent-identity-authority/server';
import { temporaryFile, temporaryFolder, unsignedJwt } from 'test-support';
import { describe, expect, it, onTestFinished } from 'vitest';
import { runProgram } from '../support/run-program.js';

const auth = {
  chatgpt_user_id: 'user-1',
  chatgpt_account_id: 'account-1',
  chatgpt_plan_type: 'business',
};
const exp = Math.floor(Date.now() / 1000) + 86_400;
const accessToken = unsignedJwt({ exp, 'https://api.openai.com/auth': auth });
const document = {
  auth_mode: 'chatgpt',
  OPENAI_API_KEY: null,
  tokens: {
    id_token: unsignedJwt({ exp, email: 'user@example.com', 'https://api.openai.com/auth': auth }),
    access_token: accessToken,
    refresh_token: 'rt-hunter2',
    account_id: 'account-1',
  },
  last_refresh: new Date().toISOString(),
};

/** An authority that knows the access token of a ChatGPT login in auth.json. */
async function scene(login: object = document) {
  const tokens = `[[tokens]]\ntoken = "${accessToken}"\naccount = { accountId = "account-1", chatgptUserId = "user-1" }\n`;
  const { url, stop } = await startAuthorityServer({
    store: 'memory:',
    port: 0,
    operationsPort: 0,
    agents: { tokensFile: await temporaryFile(tokens) },
  });
  onTestFinished(() => stop());
  const CODEX_HOME = await temporaryFolder();
  const authFile = join(CODEX_HOME, 'auth.json');
  await writeFile(authFile, JSON.stringify(login, null, 2), { mode: 0o600 });
  const environment = { CODEX_HOME, CODEX_AGENT_IDENTITY_AUTHAPI_BASE_URL: url };
  const optIn = () => runProgram(['opt-in', '--json'], { environment });
  const read = async () => JSON.parse(await readFile(authFile, 'utf8'));
  return { environment, optIn, read };
}

describe('opt-in', () => {
  it('writes an agent identity beside a ChatGPT login, and keeps it the next time', async () => {
    const { environment, optIn, read } = await scene();
    const { code, stdout, stderr } = await optIn();
    expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
    const { agent_runtime_id, account_id } = JSON.parse(stdout);
    expect(account_id).toBe('account-1');
    const written = await read();
    expect(written).toMatchObject({ ...document, agent_identity: { agent_runtime_id } });
    expect(stdout).not.toContain(written.agent_identity.agent_private_key);
    expect(JSON.parse((await optIn()).stdout)).toMatchObject({ agent_runtime_id });
    const { stdout: status } = await runProgram(['status', '--json'], { environment });
    expect(JSON.parse(status)).toMatchObject({ credential: 'chatgpt', agent_runtime_id });
  });

  it('needs a ChatGPT login, and changes no other one', async () => {
    const other = { auth_mode: 'apikey', OPENAI_API_KEY: 'sk-hunter2' };
    const { optIn, read } = await scene(other);
    const { code, stderr } = await optIn();
    expect([code, JSON.parse(stderr).error.code]).toEqual([4, 'not_chatgpt_auth']);
    expect(stderr).not.toContain('hunter2');
    expect(await read()).toEqual(other);
  });
});

import { readFile, writeFile } from 'node:fs/promises';
import { homedir } from 'node:os';
import { join } from 'node:path';
import { inspect } from 'node:util';
import { type OpenCodexLoginOptions, openCodexLogin } from 'chatgpt-auth/node';
import { loopbackServer, printedForms, thrownBy } from 'test-support';
import { describe, expect, it, vi } from 'vitest';
import { authServer } from '../support/auth-server.js';
import { codexHome } from '../support/codex-home.js';
import { chatgptAuthJson, clock, jwt, someone } from '../support/login.js';

async function makeHome(authJson?: string, config?: string) {
  const home = await codexHome(authJson);
  if (config !== undefined) await writeFile(join(home.path, 'config.toml'), config);
  return home;
}

describe('openCodexLogin', () => {
  it('opens auth.json of the folder, with the opt-in off', async () => {
    const { path } = await makeHome(chatgptAuthJson());
    const { auth, origin, settings } = await openCodexLogin({ codexHome: path, env: {} }, { clock });
    expect([auth.credentials.kind, auth.policy, origin]).toEqual(['chatgpt', 'jwt-only', 'store']);
    expect(await auth.bearerHeaders()).toMatchObject({ 'ChatGPT-Account-ID': someone.accountId });
    expect(settings).toMatchObject({ codexHome: path, credentialsStore: 'file', policy: 'jwt-only' });
  });

  it('tells whether runtime agent instances are on, and creates the installation id when it is asked for', async () => {
    const { path } = await makeHome(chatgptAuthJson(), '[features]\nruntime_agent_instances = true\n');
    const { runtimeAgentInstances } = await openCodexLogin({ codexHome: path, env: {} });
    expect(runtimeAgentInstances).toMatchObject({ enabled: true, mode: 'dual_header' });
    const file = join(path, 'installation_id');
    await expect(readFile(file)).rejects.toMatchObject({ code: 'ENOENT' });
    expect(await runtimeAgentInstances.readInstallationId()).toBe(await readFile(file, 'utf8'));
  });

  it('refuses a setting of runtime agent instances that is no setting', async () => {
    const { path } = await makeHome(chatgptAuthJson(), '[features]\nruntime_agent_instances = "on"\n');
    const error = await thrownBy(() => openCodexLogin({ codexHome: path, env: {} }));
    expect(error.code).toBe('invalid_config');
  });

  it('finds no login if there is nothing', async () => {
    const { path } = await makeHome();
    const { auth } = await openCodexLogin({ codexHome: path, env: {} });
    expect(auth.credentials.kind).toBe('none');
  });

  it('obtains an agent identity when the configuration turns it on', async () => {
    const { path, read } = await makeHome(chatgptAuthJson(), '[features]\nuse_agent_identity = true\n');
    const server = await authServer();
    const env = { CODEX_AGENT_IDENTITY_AUTHAPI_BASE_URL: server.baseUrl };
    const { auth } = await openCodexLogin({ codexHome: path, env }, { clock });
    expect((await auth.agentIdentityAuth())?.runTaskId).toBe('task-1');
    expect(JSON.parse(await read()).agent_identity.task_id).toBe('task-1');
  });

  it('prefers the credentials of the environment and does not read the store then', async () => {
    const { path } = await makeHome('not JSON');
    const env = { CODEX_HOME: path, CODEX_API_KEY: 'sk-1' };
    const { auth, origin } = await openCodexLogin({ env });
    expect([auth.credentials.kind, origin]).toEqual(['apiKey', 'environment']);
    expect((await thrownBy(() => openCodexLogin({ env: { CODEX_HOME: path } }))).code).toBe(
      'unreadable_auth_file',
    );
  });

  it('looks up a personal access token of the environment at the URL of the environment', async () => {
    const { path } = await makeHome();
    const { origin: whoamiBaseUrl, requests } = await loopbackServer(() => ({
      body: {
        chatgpt_user_id: 'user-1',
        chatgpt_account_id: 'account-1',
        chatgpt_plan_type: 'business',
        chatgpt_account_is_fedramp: false,
      },
    }));
    const env = { CODEX_HOME: path, CODEX_ACCESS_TOKEN: 'at-1', CODEX_AUTHAPI_BASE_URL: whoamiBaseUrl };
    const { auth } = await openCodexLogin({ env });
    expect(requests).toHaveLength(0);
    expect(await auth.bearerHeaders()).toEqual({
      Authorization: 'Bearer at-1',
      'ChatGPT-Account-ID': 'account-1',
    });
    await writeFile(join(path, 'config.toml'), 'forced_chatgpt_workspace_id = "account-2"');
    const { auth: forced } = await openCodexLogin({ env });
    expect((await thrownBy(() => forced.bearerHeaders())).code).toBe('workspace_not_allowed');
  });

  it('refreshes at the URL and for the client of the environment', async () => {
    const { path } = await makeHome(chatgptAuthJson({ expiresIn: -1 }));
    const { origin, requests } = await loopbackServer(() => ({ body: { access_token: jwt({ exp: 4e9 }) } }));
    const env = {
      CODEX_REFRESH_TOKEN_URL_OVERRIDE: `${origin}/refresh`,
      CODEX_APP_SERVER_LOGIN_CLIENT_ID: 'client-1',
    };
    const { auth } = await openCodexLogin({ codexHome: path, env }, { clock });
    await auth.bearerHeaders();
    expect(requests[0]?.path).toBe('/refresh');
    expect(JSON.parse(requests[0]?.body ?? '')).toMatchObject({ client_id: 'client-1' });
  });

  it('lets options win over the environment and config.toml', async () => {
    const config = 'chatgpt_base_url = "https://chatgpt.com"\nforced_chatgpt_workspace_id = "acct-1"';
    const { path } = await makeHome(chatgptAuthJson(), config);
    const env = {
      CODEX_HOME: '/elsewhere',
      CODEX_AGENT_IDENTITY_AUTHAPI_BASE_URL: 'https://a.example.test',
      CODEX_AGENT_IDENTITY_JWKS_BASE_URL: 'https://j.example.test',
    };
    const options: OpenCodexLoginOptions = {
      codexHome: path,
      env,
      policy: 'chatgpt-auth',
      jwtBaseUrl: 'https://mine.example.test',
      forcedWorkspaceIds: ['acct-1', 'acct-2'],
    };
    expect((await openCodexLogin(options)).settings).toMatchObject({
      codexHome: path,
      policy: 'chatgpt-auth',
      chatgptBaseUrl: 'https://chatgpt.com',
      authapiBaseUrl: 'https://a.example.test',
      jwtBaseUrl: 'https://mine.example.test',
      forcedWorkspaceIds: ['acct-1', 'acct-2'],
    });
  });

  it.each(['jwtBaseUrl', 'chatgptBaseUrl', 'authapiBaseUrl', 'whoamiBaseUrl', 'tokenUrl'])(
    'refuses a password in %s, because the settings are shown',
    async (name) => {
      const { path } = await makeHome(chatgptAuthJson());
      const url = 'https://user:hunter2@auth.example.test/x';
      const error = await openCodexLogin({ codexHome: path, env: {}, [name]: url }).catch((reason) => reason);
      expect(['invalid_argument', 'insecure_url']).toContain(error.code);
      expect(inspect(error)).not.toContain('hunter2');
    },
  );

  it('gives the login to a run with another clock without reading it again', async () => {
    const { path, write } = await makeHome(chatgptAuthJson());
    const { auth } = await openCodexLogin({ codexHome: path, env: {} }, { clock });
    await write('not JSON');
    const ofRun = auth.withEffects({ clock: () => clock() + 1000 });
    expect(await ofRun.bearerHeaders()).toEqual(await auth.bearerHeaders());
    expect((await thrownBy(async () => auth.withEffects({ clok: clock } as never))).message).toContain(
      'did you mean "clock"?',
    );
  });

  it.each([
    ['an API key', '{"OPENAI_API_KEY":"sk-1"}', 'chatgpt'],
    ['a ChatGPT login', chatgptAuthJson(), 'api'],
    [
      'an Agent Identity JWT',
      JSON.stringify({ agent_identity: jwt({ account_id: 'a' }), auth_mode: 'agentIdentity' }),
      'api',
    ],
    ['a personal access token', '{"auth_mode":"personalAccessToken","personal_access_token":"at-1"}', 'api'],
  ])('refuses %s when forced_login_method = %3$j', async (_kind, authJson, method) => {
    const { path } = await makeHome(authJson, `forced_login_method = "${method}"`);
    const error = await thrownBy(() => openCodexLogin({ codexHome: path, env: {} }));
    expect(error.code).toBe('login_method_not_allowed');
  });

  it('finds no login if the client keeps its credentials in memory', async () => {
    const { path } = await makeHome(chatgptAuthJson(), 'cli_auth_credentials_store = "ephemeral"');
    const { auth, settings } = await openCodexLogin({ codexHome: path, env: {} });
    expect([auth.credentials.kind, settings.credentialsStore]).toEqual(['none', 'ephemeral']);
  });

  it('reads the environment of this process by default, and not if another is given', async () => {
    const { path } = await makeHome(chatgptAuthJson());
    vi.stubEnv('CODEX_HOME', path);
    const other = await openCodexLogin({ env: { CODEX_API_KEY: 'sk-1' } });
    expect(other.settings.codexHome).toBe(join(homedir(), '.codex'));
    const { settings } = await openCodexLogin();
    vi.unstubAllEnvs();
    expect(settings.codexHome).toBe(path);
  });

  it('refuses unknown options and effects with the nearest name', async () => {
    const message = async (options: object, effects = {}) =>
      (await thrownBy(() => openCodexLogin(options, effects))).message;
    expect(await message({ codexhome: '/x' })).toContain('did you mean "codexHome"?');
    expect(await message({}, { openEntri: 1 })).toContain('did you mean "openEntry"?');
  });

  it('prints no secret', async () => {
    const { path } = await makeHome(chatgptAuthJson({ refreshToken: 'refresh-secret' }));
    const login = await openCodexLogin({ codexHome: path, env: {} });
    expect(printedForms(login)).not.toContain('refresh-secret');
  });
});

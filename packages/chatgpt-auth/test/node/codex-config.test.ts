import { execFile } from 'node:child_process';
import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { inspect, promisify } from 'node:util';
import { readCodexConfig } from 'chatgpt-auth/node';
import { thrownBy } from 'test-support';
import { describe, expect, it } from 'vitest';
import { codeOf } from '../support/code-of.js';
import { codexHome } from '../support/codex-home.js';

async function configOf(toml: string) {
  const { path } = await codexHome();
  await writeFile(join(path, 'config.toml'), toml);
  return readCodexConfig({ codexHome: path });
}

const defaults = {
  policy: 'jwt-only',
  chatgptBaseUrl: undefined,
  forcedWorkspaceIds: [],
  forcedLoginMethod: undefined,
  credentialsStore: 'file',
  secretAuthStorage: undefined,
};

describe('readCodexConfig', () => {
  it('leaves the opt-in off without a file or a folder', async () => {
    const { path } = await codexHome();
    expect(await readCodexConfig({ codexHome: path })).toEqual(defaults);
    expect(await readCodexConfig({ codexHome: join(path, 'none') })).toEqual(defaults);
  });

  it.each([
    '',
    'model = "x"',
    '[features]',
    '[features]\nother = true',
    '[features]\nuse_agent_identity = false',
    'use_agent_identity = true',
  ])('leaves the opt-in off for %j', async (toml) => {
    expect(await configOf(toml)).toEqual(defaults);
  });

  it('turns the opt-in on by the feature flag', async () => {
    expect((await configOf('[features]\nuse_agent_identity = true')).policy).toBe('chatgpt-auth');
    expect((await configOf('features.use_agent_identity = true')).policy).toBe('chatgpt-auth');
  });

  it('reads the base URL, the workspaces and the store', async () => {
    const config = await configOf(
      'chatgpt_base_url = "https://chatgpt.com/backend-api"\nforced_chatgpt_workspace_id = "ws-1"\ncli_auth_credentials_store = "auto"',
    );
    expect(config).toEqual({
      ...defaults,
      chatgptBaseUrl: 'https://chatgpt.com/backend-api',
      forcedWorkspaceIds: ['ws-1'],
      credentialsStore: 'auto',
    });
  });

  it.each([
    ['["ws-1", "ws-2"]', ['ws-1', 'ws-2']],
    ['["", "ws-2"]', ['ws-2']],
    ['[]', []],
    ['""', []],
  ])('reads forced_chatgpt_workspace_id = %s', async (value, expected) => {
    expect((await configOf(`forced_chatgpt_workspace_id = ${value}`)).forcedWorkspaceIds).toEqual(expected);
  });

  it.each(['file', 'keyring', 'auto', 'ephemeral'])('reads the store %s', async (store) => {
    const config = await configOf(`cli_auth_credentials_store = "${store}"`);
    expect(config.credentialsStore).toBe(store);
  });

  it.each(['api', 'chatgpt'])('reads the forced login method %s', async (method) => {
    expect((await configOf(`forced_login_method = "${method}"`)).forcedLoginMethod).toBe(method);
  });

  it('accepts a byte order mark and CRLF', async () => {
    const toml = '\uFEFF[features]\r\nuse_agent_identity = true\r\n';
    expect((await configOf(toml)).policy).toBe('chatgpt-auth');
  });

  it('accepts 64-bit integers in settings that are not ours', async () => {
    const toml =
      'big = 9223372036854775807\nsmall = -9223372036854775808\n[features]\nuse_agent_identity = true';
    expect((await configOf(toml)).policy).toBe('chatgpt-auth');
  });

  it('refuses a named pipe and does not hang', async () => {
    const { path } = await codexHome();
    await promisify(execFile)('mkfifo', [join(path, 'config.toml')]);
    expect(await codeOf(() => readCodexConfig({ codexHome: path }))).toBe('invalid_config');
  });

  it.each([
    'features = 1',
    '[features]\nuse_agent_identity = "yes"',
    'chatgpt_base_url = 7',
    'forced_login_method = "magic"',
    'forced_chatgpt_workspace_id = 7',
    'cli_auth_credentials_store = "safe"',
    'model = ',
    '\u0000',
  ])('refuses %j', async (toml) => {
    expect(await codeOf(() => configOf(toml))).toBe('invalid_config');
  });

  it('refuses a folder', async () => {
    const { path } = await codexHome();
    await mkdir(join(path, 'config.toml'));
    expect(await codeOf(() => readCodexConfig({ codexHome: path }))).toBe('invalid_config');
  });

  it('quotes nothing of the file in an error, because it may hold keys', async () => {
    const error = await thrownBy(() => configOf('api_key = "sk-secret\nmodel = "x"'));
    expect(error.message).toContain('line');
    expect(inspect(error, { depth: 9, showHidden: true })).not.toContain('sk-secret');
  });
});

it('readCodexConfig refuses a folder without a name', async () => {
  for (const path of ['', ' ', 'a\0b', 7]) {
    expect(await codeOf(() => readCodexConfig({ codexHome: path as string }))).toBe('invalid_argument');
  }
});

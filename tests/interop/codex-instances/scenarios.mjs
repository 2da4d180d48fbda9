// Runs inside the namespace, where the names of OpenAI lead to loopback. Takes the path of the client's binary and an empty
// folder. Prints the observations of each scenario as one line of JSON, which the test checks.
import { mkdtempSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { argv, stdout } from 'node:process';
import {
  createAuthority,
  credentialDigests,
  staticTokens,
  verifyAuditLog,
} from 'agent-identity-authority-core';
import { openStore } from 'agent-identity-authority-sql';
import { createAssertionVerifier } from 'agent-identity-verifier';
import { publishedClient } from '../published-client/published-client.mjs';
import { createCertificate } from './certificate.mjs';
import { hostNames, startOpenAiHosts } from './openai-hosts.mjs';
import {
  accountTokens,
  apiKey,
  chatgptActor,
  digestOf,
  logins,
  loginTokens,
  personalAccessToken,
  platformActor,
} from './people.mjs';

const [binary = '', folder = ''] = argv.slice(2);
const store = await openStore(`pglite:${join(folder, 'store')}`, { masterKey: Buffer.alloc(32, 7) });
const authority = await createAuthority({
  store,
  authenticator: staticTokens(accountTokens),
  actors: {
    platformApiKey: credentialDigests([{ sha256: digestOf(apiKey), actor: platformActor }]),
    personalAccessToken: credentialDigests([{ sha256: digestOf(personalAccessToken), actor: chatgptActor }]),
  },
  authapiBasePath: '/authapi',
});

/** The bearer tokens that the service accepts. @type {Map<string, import('agent-identity-verifier').AgentActor>} */
const actorsByToken = new Map();
for (const { token } of accountTokens) actorsByToken.set(token, chatgptActor);
actorsByToken.set(apiKey, platformActor).set(personalAccessToken, chatgptActor);
const verifier = createAssertionVerifier({
  directory: authority.directory,
  generations: [1, 2],
  verifyBearer: (token) => actorsByToken.get(token),
});
const certificate = createCertificate(folder, hostNames);
const hosts = await startOpenAiHosts({ authority, verifier, certificate });
const authapi = 'https://auth.openai.com';
const client = publishedClient(binary, authapi, authapi, { CODEX_CA_CERTIFICATE: certificate.caFile });

/**
 * Runs the client once with this login and configuration.
 *
 * @param {object} login
 * @param {readonly string[]} config
 */
async function exec(login, config) {
  const home = mkdtempSync(join(folder, 'home-'));
  writeFileSync(join(home, 'auth.json'), JSON.stringify(login), { mode: 0o600 });
  writeFileSync(join(home, 'config.toml'), ['model = "gpt-5"', ...config, ''].join('\n'));
  const answer = await client.ask(home);
  return { answer, requests: hosts.takeRequests(), instances: await newInstances() };
}

const known = new Set();

/** The instances that were registered since the last call. */
async function newInstances() {
  const { items } = await store.listRuntimeAgentInstances();
  const fresh = items.filter(({ runtimeAgentInstanceId }) => !known.has(runtimeAgentInstanceId)).reverse();
  for (const { runtimeAgentInstanceId } of fresh) known.add(runtimeAgentInstanceId);
  return fresh.map(({ runtimeAgentInstanceId: id, credentialType, actor, harnessVersion, publicKeySsh }) => ({
    id,
    credentialType,
    actor,
    harnessVersion,
    publicKeySsh,
  }));
}

/** @param {string} mode */
const switchedOn = (mode) => ['[features.runtime_agent_instances]', 'enabled = true', `mode = "${mode}"`];

async function eachCredentialInEachMode() {
  const seen = [];
  for (const [credential, login] of Object.entries(logins)) {
    for (const mode of ['dual_header', 'assertion_only']) {
      seen.push({ credential, mode, ...(await exec(login, switchedOn(mode))) });
    }
  }
  return seen;
}

async function overWebSocket() {
  hosts.behavior.acceptsWebSockets = true;
  const seen = await exec(logins.chatgpt, switchedOn('assertion_only'));
  hosts.behavior.acceptsWebSockets = false;
  return seen;
}

/** The service stops accepting the token of the login just before the first inference request. */
async function tokenEndsInTheMiddle() {
  hosts.behavior.beforeInference = async () => {
    actorsByToken.delete(loginTokens.access_token);
  };
  const seen = await exec(logins.chatgpt, switchedOn('dual_header'));
  hosts.behavior.beforeInference = async () => {};
  actorsByToken.set(loginTokens.access_token, chatgptActor);
  return seen;
}

/** An administrator revokes the instances of the person just before the first inference request. @param {string} mode */
async function revokedInTheMiddle(mode) {
  hosts.behavior.beforeInference = async () => {
    await authority.changeRuntimeAgentInstances({ userId: chatgptActor.userId }, 'revoke');
  };
  const seen = await exec(logins.chatgpt, switchedOn(mode));
  hosts.behavior.beforeInference = async () => {};
  return seen;
}

/** The workspace switches the protocol on, and nothing in the user's configuration does. */
async function switchedOnByTheWorkspace() {
  const contents = switchedOn('assertion_only').join('\n');
  hosts.behavior.bundle = {
    requirements_toml: { enterprise_managed: [{ id: 'bundle-1', name: 'agents', contents }] },
  };
  const seen = await exec(logins.chatgpt, []);
  hosts.behavior.bundle = {};
  return seen;
}

/** Both flags, and a provider on another host: the client speaks both generations in one process. */
async function bothGenerations() {
  return exec(logins.chatgpt, [
    'model_provider = "here"',
    '[features]',
    'use_agent_identity = true',
    'runtime_agent_instances = true',
    '[model_providers.here]',
    'name = "here"',
    `base_url = "${hosts.foreignProviderUrl}"`,
    'wire_api = "responses"',
    'requires_openai_auth = true',
  ]);
}

const seen = {
  eachCredentialInEachMode: await eachCredentialInEachMode(),
  overWebSocket: await overWebSocket(),
  tokenEndsInTheMiddle: await tokenEndsInTheMiddle(),
  revokedInTheMiddle: [await revokedInTheMiddle('dual_header'), await revokedInTheMiddle('assertion_only')],
  switchedOnByTheWorkspace: await switchedOnByTheWorkspace(),
  bothGenerations: await bothGenerations(),
  audit: await verifyAuditLog(store),
};
hosts.close();
await store.close();
stdout.write(JSON.stringify(seen));

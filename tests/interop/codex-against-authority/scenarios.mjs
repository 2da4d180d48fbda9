// Runs inside the namespace. Takes the path of the client's binary and an empty folder. Prints the observations of each
// scenario as one line of JSON, which the test checks.
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { argv, stdout } from 'node:process';
import { accessToken, account, chatgptLogin, makeHome } from '../published-client/login.mjs';
import { publishedClient } from '../published-client/published-client.mjs';
import { startAuthorityProcess } from './authority-process.mjs';
import { startResponsesProvider } from './responses-provider.mjs';

const [binary = '', folder = ''] = argv.slice(2);
const authority = await startAuthorityProcess(folder, { token: accessToken, ...account });
const provider = await startResponsesProvider({
  authorityUrl: `${authority.origin}/authapi`,
  verifierToken: authority.verifierToken,
});
const client = publishedClient(binary, provider.origin, authority.origin);

/**
 * Creates a folder of the client that configures only plain HTTP base URLs: no custom provider, no opt-in.
 *
 * @param {string} authJson
 */
function makePlainHome(authJson) {
  const { home } = makeHome(folder, provider.origin, authJson);
  const base = `${provider.origin}/backend-api`;
  const config = ['model = "gpt-5"', `chatgpt_base_url = "${base}"`, `openai_base_url = "${base}/codex"`, ''];
  writeFileSync(join(home, 'config.toml'), config.join('\n'));
  return home;
}

/** Issues an identity with the command line and returns it as auth.json. */
async function issue() {
  const words = ['issue', '--account-id', account.accountId, '--user-id', account.chatgptUserId];
  const issued = JSON.parse(
    await authority.command([...words, '--email', account.email, '--plan-type', account.planType]),
  );
  authority.takeAnswers();
  const authJson = JSON.stringify({
    auth_mode: 'agentIdentity',
    OPENAI_API_KEY: null,
    agent_identity: issued.jwt,
  });
  return { agentRuntimeId: issued.agent_runtime_id, authJson };
}

async function loginStatus() {
  const { authJson } = await issue();
  const answer = await client.loginStatus(makePlainHome(authJson));
  return { answer, answers: authority.takeAnswers(), requests: provider.takeRequests() };
}

async function execWithJwt() {
  const { authJson } = await issue();
  const answer = await client.ask(makePlainHome(authJson));
  return { answer, answers: authority.takeAnswers(), requests: provider.takeRequests() };
}

async function execWithJwtOfCustomProvider() {
  const { authJson } = await issue();
  const answer = await client.ask(makeHome(folder, provider.origin, authJson).home);
  return { answer, answers: authority.takeAnswers(), requests: provider.takeRequests() };
}

async function execWithOptIn() {
  const { home, readAuthJson } = makeHome(folder, provider.origin, chatgptLogin);
  const answer = await client.ask(home);
  const record = JSON.parse(readAuthJson()).agent_identity;
  return {
    answer,
    answers: authority.takeAnswers(),
    requests: provider.takeRequests(),
    agentRuntimeId: record?.agent_runtime_id,
    home,
  };
}

/** @param {{ agentRuntimeId: string, home: string }} optedIn */
async function execAfterRevocation({ agentRuntimeId, home }) {
  await authority.command(['revoke', agentRuntimeId]);
  authority.takeAnswers();
  const answer = await client.ask(home);
  return { answer, answers: authority.takeAnswers(), requests: provider.takeRequests() };
}

const seen = {
  loginStatus: await loginStatus(),
  execWithJwt: await execWithJwt(),
  execWithJwtOfCustomProvider: await execWithJwtOfCustomProvider(),
};
const optedIn = await execWithOptIn();
const revoked = optedIn.agentRuntimeId && (await execAfterRevocation(optedIn));
const audit = JSON.parse(await authority.command(['audit', 'verify']));
provider.close();
const exitCode = await authority.stop();
stdout.write(JSON.stringify({ ...seen, optedIn, revoked, audit, exitCode }));

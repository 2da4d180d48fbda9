// Runs inside the namespace. Takes the path of the client's binary, an empty folder and the version. Prints the
// observations of each scenario as one line of JSON, which the test checks.
import { existsSync, rmSync, statSync } from 'node:fs';
import * as nodeFs from 'node:fs/promises';
import { argv, stdout } from 'node:process';
import { isAgentIdentityError } from 'agent-identity-core';
import { formatAuthJson, parseAuthJson, rememberTerminalState } from 'chatgpt-auth';
import { fileAuthStore, openCodexLogin } from 'chatgpt-auth/node';
import { account, apiKey, chatgptLogin, makeHome } from './login.mjs';
import { publishedClient } from './published-client.mjs';
import { publishedClients } from './published-clients.mjs';
import { readDuringLogin } from './read-during-login.mjs';
import { startServers } from './servers.mjs';

const [binary = '', folder = '', version = ''] = argv.slice(2);
const servers = await startServers();
const { origin, takeEvents } = servers;
const client = publishedClient(binary, origin);

/** Runs our opt-in like an application next to the client, with the client's configuration. @param {string} home */
async function optIn(home) {
  const { auth } = await openCodexLogin({ codexHome: home, env: {}, authapiBaseUrl: `${origin}/authapi` });
  return auth.agentIdentityAuth();
}

/** @param {import('agent-identity-registry').AgentIdentityAuth | undefined} identity */
async function verified(identity) {
  const agent = await servers.verifier.verify(identity?.authorizationHeader() ?? '', {
    accountId: account.accountId,
  });
  return { agentRuntimeId: agent.agentRuntimeId, taskId: agent.taskId };
}

/** @param {string} text */
function storedRecord(text) {
  const credentials = parseAuthJson(text);
  return credentials.kind === 'chatgpt' ? credentials.storedRecord() : undefined;
}

async function clientUsesOurs() {
  const { home, readAuthJson } = makeHome(folder, origin, chatgptLogin);
  const identity = await optIn(home);
  const registered = takeEvents();
  const after = readAuthJson();
  const answer = await client.ask(home);
  return {
    ours: await verified(identity),
    registered,
    before: chatgptLogin,
    after,
    answer,
    events: takeEvents(),
    left: readAuthJson(),
  };
}

/** A server said that the runtime is deleted; we remember that in the file, and the client goes on as before. */
async function weRememberDeletedRuntime() {
  const { home, readAuthJson } = makeHome(folder, origin, chatgptLogin);
  const identity = await verified(await optIn(home));
  const store = fileAuthStore({ codexHome: home });
  await rememberTerminalState(store, {
    agentRuntimeId: identity.agentRuntimeId,
    reason: 'agent_runtime_deleted',
  });
  takeEvents();
  const remembered = readAuthJson();
  const error = await optIn(home).catch((caught) => caught);
  const ourEvents = takeEvents();
  const answer = await client.ask(home);
  return {
    identity,
    code: isAgentIdentityError(error) ? error.code : String(error),
    ourEvents,
    answer,
    events: takeEvents(),
    untouched: readAuthJson() === remembered,
  };
}

async function weReuseTheirs() {
  const { home, readAuthJson } = makeHome(folder, origin, chatgptLogin);
  const answer = await client.ask(home);
  const events = takeEvents();
  const written = readAuthJson();
  const ours = await verified(await optIn(home));
  return {
    answer,
    events,
    ours,
    record: storedRecord(written),
    ourEvents: takeEvents(),
    untouched: readAuthJson() === written,
  };
}

async function clientUsesExportedRecord() {
  const { home, readAuthJson } = makeHome(folder, origin, chatgptLogin);
  await optIn(home);
  takeEvents();
  const record = storedRecord(readAuthJson());
  if (record === undefined) throw new Error('expected a stored record');
  const exported = formatAuthJson(record);
  const other = makeHome(folder, origin, exported);
  const answer = await client.ask(other.home);
  return { record, answer, events: takeEvents(), untouched: other.readAuthJson() === exported };
}

async function clientUsesExportedJwt() {
  const { jwt } = await servers.authority.issueAgentIdentityJwt({ account });
  const exported = formatAuthJson(jwt);
  const { home, readAuthJson } = makeHome(folder, origin, exported);
  const answer = await client.loginStatus(home);
  const events = takeEvents();
  const run = { answer: await client.ask(home), events: takeEvents() };
  return { answer, events, run, untouched: readAuthJson() === exported };
}

/** The client logs out while we hold its locks, between our comparison of the file and the rename. */
async function clientLogsOutDuringOurWrite() {
  const { home } = makeHome(folder, origin, chatgptLogin);
  /** @type {{ logout?: Promise<{ code: number | null, output: string }>, wasThere?: boolean }} */
  const seen = {};
  const rename = async (
    /** @type {import('node:fs').PathLike} */ from,
    /** @type {import('node:fs').PathLike} */ to,
  ) => {
    seen.logout = client.logOut(home);
    // Long enough for a client that does not wait to finish, and shorter than the client's longest wait.
    await Promise.race([seen.logout, new Promise((resolve) => setTimeout(resolve, 2000))]);
    seen.wasThere = existsSync(to);
    await nodeFs.rename(from, to);
  };
  const store = fileAuthStore({ codexHome: home }, { fs: { ...nodeFs, rename } });
  await store.update((text) => `${text}\n`);
  const answer = await seen.logout;
  return { answer, wasThere: seen.wasThere, isGone: !existsSync(`${home}/auth.json`) };
}

async function clientLogsOutMeanwhile() {
  const { home, readAuthJson } = makeHome(folder, origin, chatgptLogin);
  let answer;
  servers.hooks.beforeTask = async () => {
    answer = await client.logOut(home);
  };
  const error = await optIn(home).catch((caught) => caught);
  servers.hooks.beforeTask = async () => {};
  takeEvents();
  const isGone = await Promise.resolve()
    .then(readAuthJson)
    .then(
      () => false,
      () => true,
    );
  return { answer, code: isAgentIdentityError(error) ? error.code : String(error), isGone };
}

async function bothAtOnce() {
  const { home, readAuthJson } = makeHome(folder, origin, chatgptLogin);
  const [answer] = await Promise.all([client.ask(home), optIn(home)]);
  const events = takeEvents();
  const record = storedRecord(readAuthJson());
  const next = await verified(await optIn(home));
  return { answer, events, record, next, nextEvents: takeEvents() };
}

/** The client logs in with a JWT on its standard input, and our code reads the login that it wrote. */
async function clientLogsInWithJwt() {
  const { jwt } = await servers.authority.issueAgentIdentityJwt({ account });
  const { home } = makeHome(folder, origin, '{}');
  rmSync(`${home}/auth.json`);
  const answer = await client.logInWithAccessToken(home, jwt);
  const events = takeEvents();
  const { auth } = await openCodexLogin({ codexHome: home, env: {} });
  const { credentials } = auth;
  const isSame = credentials.kind === 'agentIdentityJwt' && credentials.jwt() === jwt;
  return { answer, events, kind: credentials.kind, isSame };
}

async function clientLogsInWithApiKey() {
  const { home, readAuthJson } = makeHome(folder, origin, chatgptLogin);
  const before = statSync(`${home}/auth.json`);
  const answer = await client.logInWithApiKey(home, apiKey);
  const { ino, mode } = statSync(`${home}/auth.json`);
  const { auth } = await openCodexLogin({ codexHome: home, env: {} });
  const isSame = auth.credentials.kind === 'apiKey' && auth.credentials.apiKey() === apiKey;
  const writesInPlace = publishedClients.find((one) => one.version === version)?.writesInPlace;
  const during = await readDuringLogin({ binary, home, maxLogins: writesInPlace ? 100 : 10 });
  return { answer, isSame, isInPlace: ino === before.ino, mode: mode & 0o777, during, after: readAuthJson() };
}

const seen = {
  clientLogsInWithJwt: await clientLogsInWithJwt(),
  clientLogsInWithApiKey: await clientLogsInWithApiKey(),
  clientUsesOurs: await clientUsesOurs(),
  weRememberDeletedRuntime: await weRememberDeletedRuntime(),
  weReuseTheirs: await weReuseTheirs(),
  clientUsesExportedRecord: await clientUsesExportedRecord(),
  clientUsesExportedJwt: await clientUsesExportedJwt(),
  clientLogsOutDuringOurWrite: await clientLogsOutDuringOurWrite(),
  clientLogsOutMeanwhile: await clientLogsOutMeanwhile(),
  bothAtOnce: await bothAtOnce(),
};
servers.close();
stdout.write(JSON.stringify(seen));

#!/usr/bin/env node
// biome-ignore-all lint/style/noRestrictedGlobals: a program may use the process.
import { once } from 'node:events';
import { parseArgs } from 'node:util';
import { isAgentIdentityError } from 'agent-identity-core';
import { redactCredentials } from 'agent-identity-core/http';
import { serveForwardAuth } from './program/serve-forward-auth.js';
import { readVerifierSettings } from './program/verifier-settings.js';

const usage = `Usage: agent-identity-verifier serve --settings FILE

Answers a reverse proxy at /v1/forward-auth: which agent sent a request, and whether it may. FILE is JSON:

  {
    "listen": { "host": "127.0.0.1", "port": 8700 },
    "authority": { "url": "https://agents.example.com", "accessTokenFile": "verifier.token" },
    "rules": [{ "host": "models.example.com", "methods": ["POST"], "path": "/v1/responses" }]
  }

Other settings: "directoryFile" in place of "authority", "generations", "accountMatch", "headers".
Log lines are JSON on standard output. Exit codes: 0 stopped by a signal, 1 failure, 2 usage error.
`;

process.exitCode = await run(process.argv.slice(2));

async function run(words: string[]): Promise<number> {
  const path = readSettingsPath(words);
  if (path === undefined) {
    const wantsHelp = words.includes('--help') || words.includes('-h');
    (wantsHelp ? process.stdout : process.stderr).write(usage);
    return wantsHelp ? 0 : 2;
  }
  try {
    const server = await serveForwardAuth(await readVerifierSettings(path), (entry) =>
      process.stdout.write(`${JSON.stringify({ at: new Date().toISOString(), ...entry })}\n`),
    );
    await Promise.race([once(process, 'SIGTERM'), once(process, 'SIGINT')]);
    // A second signal ends the process immediately.
    for (const signal of ['SIGTERM', 'SIGINT']) process.once(signal, () => process.exit(1));
    await server.stop();
    return 0;
  } catch (error) {
    const message = isAgentIdentityError(error) ? error.message : redactCredentials(String(error));
    process.stderr.write(`agent-identity-verifier: ${message}\n`);
    return 1;
  }
}

function readSettingsPath(words: string[]): string | undefined {
  try {
    const { values, positionals } = parseArgs({
      args: words,
      allowPositionals: true,
      options: { settings: { type: 'string' } },
    });
    return positionals.length === 1 && positionals[0] === 'serve' ? values.settings : undefined;
  } catch {
    return undefined;
  }
}

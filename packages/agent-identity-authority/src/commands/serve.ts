import { Command } from 'commander';
import { startAuthorityServer } from '../server/start-authority-server.js';
import type { CommandIo } from './command-io.js';
import { addSettings, readCommandConfiguration } from './setting-options.js';

/** Creates the command `serve`, which runs an authority until the process is asked to stop. */
export function createServeCommand(io: CommandIo): Command {
  return addSettings(new Command('serve'), 'all')
    .summary('run an authority')
    .description(
      'Runs an authority until SIGTERM or SIGINT, then finishes running requests. It needs a master key, unless the store ' +
        'is memory:. By default, it stores its data in the folder agent-identity-authority, listens on 127.0.0.1:8787, and ' +
        'serves health checks and metrics on 127.0.0.1:8788. It then serves the key set and registers tasks, but accepts ' +
        'neither new agents nor administrators: issue identities with the command issue while it is stopped.',
    )
    .addHelpText('after', serveHelp)
    .action(async (_options, command: Command) => {
      const { configuration } = await readCommandConfiguration(command, io);
      const server = await startAuthorityServer({ ...configuration, log: io.log }, { fetch: io.fetch });
      await io.waitForShutdown();
      await server.stop();
    });
}

const serveHelp = `
Each setting is a flag, an environment variable (in brackets) or a line of the file. A flag overrides the
environment, which overrides the file. Secrets have no flags, because flags show in process lists.

Examples:
  A first run, with a master key and an administrator token:
    $ openssl rand -base64 32 > master.key
    $ openssl rand -hex 32 > admin.token
    $ agent-identity-authority serve --master-key-file master.key --administrators-token-file admin.token

  Agents register with access tokens of an OpenID provider, behind a proxy on the same machine:
    $ agent-identity-authority serve --config /etc/agent-identity-authority.toml --trusted-proxies 127.0.0.1 \\
        --agents-issuer https://login.example.com --agents-audience agents --agents-account-id-claim org_id

Set CODEX_AGENT_IDENTITY_AUTHAPI_BASE_URL and CODEX_AGENT_IDENTITY_JWKS_BASE_URL for clients.`;

import { Command } from 'commander';
import { startAuthorityServer } from '../server/start-authority-server.js';
import type { CommandIo } from './command-io.js';
import { addSettings, configurationOf } from './setting-options.js';

/** `serve`: runs an authority until the process is asked to end. */
export function serveCommand(io: CommandIo): Command {
  return addSettings(new Command('serve'), 'all')
    .summary('run an authority')
    .description(
      'Runs an authority until SIGTERM or SIGINT, and then lets requests under way finish. Without any settings it ' +
        'keeps everything in the folder agent-identity-authority, listens on 127.0.0.1:8787, tells of its health and ' +
        'metrics on 127.0.0.1:8788, and accepts neither agents’ tokens nor administrators: identities are then ' +
        'issued by the command issue while it is stopped.',
    )
    .addHelpText('after', serveHelp)
    .action(async (_options, command: Command) => {
      const { configuration } = await configurationOf(command, io);
      const server = await startAuthorityServer({ ...configuration, log: io.log }, { fetch: io.fetch });
      await io.waitForShutdown();
      await server.stop();
    });
}

const serveHelp = `
Each setting can be a flag, an environment variable (in brackets) or a line of the file; a flag counts before
the environment, and that before the file. Secrets have no flags, because those show in process lists.

Examples:
  A first try, with a master key and a token of administrators:
    $ openssl rand -base64 32 > master.key
    $ openssl rand -hex 32 > admin.token
    $ agent-identity-authority serve --master-key-file master.key --administrators-token-file admin.token

  Agents register with the access tokens of an OpenID provider, behind a proxy on the same machine:
    $ agent-identity-authority serve --config /etc/agent-identity-authority.toml --trusted-proxies 127.0.0.1 \\
        --agents-issuer https://login.example.com --agents-audience agents --agents-account-id-claim org_id

Clients are pointed at it by CODEX_AGENT_IDENTITY_AUTHAPI_BASE_URL and CODEX_AGENT_IDENTITY_JWKS_BASE_URL.`;

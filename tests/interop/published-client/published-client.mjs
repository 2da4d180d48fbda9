import { spawn } from 'node:child_process';
import { networkInterfaces } from 'node:os';
import { env } from 'node:process';

/**
 * Runs the published client against our servers. Refuses to start it outside a namespace with only loopback.
 *
 * @param {string} binary
 * @param {string} origin
 * @param {string} authapiOrigin The server where agents register, if it is another one.
 * @param {Readonly<Record<string, string>>} environment Variables besides those of these servers.
 */
export function publishedClient(binary, origin, authapiOrigin = origin, environment = {}) {
  const interfaces = Object.keys(networkInterfaces());
  if (interfaces.some((name) => name !== 'lo')) {
    throw new Error(`expected a namespace with loopback only, found ${interfaces.join(', ')}`);
  }
  return {
    /** @param {string} home */
    ask: (home) => run(home, ['exec', '--skip-git-repo-check', 'say something']),
    /** @param {string} home */
    logOut: (home) => run(home, ['logout']),
    /** @param {string} home */
    loginStatus: (home) => run(home, ['login', 'status']),
    /** @param {string} home @param {string} token */
    logInWithAccessToken: (home, token) => run(home, ['login', '--with-access-token'], token),
    /** @param {string} home @param {string} key */
    logInWithApiKey: (home, key) => run(home, ['login', '--with-api-key'], key),
  };

  /**
   * @param {string} home
   * @param {readonly string[]} args
   * @param {string} [input]
   * @returns {Promise<{ code: number | null, output: string }>}
   */
  function run(home, args, input = '') {
    const child = spawn(binary, args, {
      cwd: home,
      env: {
        PATH: env['PATH'],
        HOME: home,
        CODEX_HOME: home,
        CODEX_AGENT_IDENTITY_JWKS_BASE_URL: `${origin}/backend-api`,
        CODEX_AGENT_IDENTITY_AUTHAPI_BASE_URL: `${authapiOrigin}/authapi`,
        ...environment,
      },
      stdio: ['pipe', 'pipe', 'pipe'],
    });
    // A client that does not read its input ends with EPIPE here, and reports its own error.
    child.stdin.on('error', () => {});
    child.stdin.end(input);
    let output = '';
    const collect = (/** @type {Buffer} */ chunk) => {
      output += chunk;
    };
    child.stdout.on('data', collect);
    child.stderr.on('data', collect);
    const timer = setTimeout(() => child.kill('SIGKILL'), 60_000);
    return new Promise((resolve, reject) => {
      child.on('error', reject);
      child.on('close', (code) => {
        clearTimeout(timer);
        resolve({ code, output });
      });
    });
  }
}

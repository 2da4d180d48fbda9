import { execFile } from 'node:child_process';
import { access } from 'node:fs/promises';
import { promisify } from 'node:util';

const run = promisify(execFile);
const modules = '/usr/share/gocode';

/**
 * Returns the environment in which `go run` finds `golang.org/x/mod`, from Debian's packages, which root installs if needed. Go
 * downloads nothing.
 */
export async function goEnvironment(): Promise<NodeJS.ProcessEnv> {
  const env = { ...process.env, DEBIAN_FRONTEND: 'noninteractive' };
  const isThere = await Promise.all([run('go', ['version']), access(`${modules}/src/golang.org/x/mod`)]).then(
    () => true,
    () => false,
  );
  if (!isThere && process.getuid?.() === 0) {
    const packages = ['golang-go', 'golang-golang-x-mod-dev'];
    await run('apt-get', ['install', '--yes', '--no-install-recommends', ...packages], { env });
  } else if (!isThere) {
    throw new Error(
      'These tests need Go and its module golang.org/x/mod: apt-get install golang-go golang-golang-x-mod-dev',
    );
  }
  return { ...env, GO111MODULE: 'off', GOPATH: modules, GOFLAGS: '', GOPROXY: 'off' };
}

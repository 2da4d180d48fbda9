import { ensureInstalled, findProgram, isThere } from './ensure-installed.js';

const modules = '/usr/share/gocode';

/**
 * Returns the environment in which `go run` finds `golang.org/x/mod`, from Debian's packages, which root installs if needed. Go
 * downloads nothing.
 */
export async function goEnvironment(): Promise<NodeJS.ProcessEnv> {
  await ensureInstalled(
    async () => ((await isThere(`${modules}/src/golang.org/x/mod`)) ? findProgram('go') : undefined),
    ['golang-go', 'golang-golang-x-mod-dev'],
    'These tests need Go and its module golang.org/x/mod: apt-get install golang-go golang-golang-x-mod-dev',
  );
  return { ...process.env, GO111MODULE: 'off', GOPATH: modules, GOFLAGS: '', GOPROXY: 'off' };
}

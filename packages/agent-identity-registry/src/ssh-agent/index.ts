export type { CreateSshAgentSignerOptions } from './create-ssh-agent-signer.js';
export { createSshAgentSigner } from './create-ssh-agent-signer.js';
export type { SshAgentErrorCode } from './errors.js';
export type { ListSshAgentKeysOptions, SshAgentKey } from './list-ssh-agent-keys.js';
export { listSshAgentKeys } from './list-ssh-agent-keys.js';
export type { OpenSshAgentSignerOptions } from './open-ssh-agent-signer.js';
export { openSshAgentSigner } from './open-ssh-agent-signer.js';

/** One member of an inspected document. */
export interface InspectedMember {
  readonly name: string;
  /** **Secret** if `secret` is set; it is then shown only with `--reveal`. */
  readonly value: unknown;
  readonly secret?: true;
  readonly explanation: string;
  /** The section of docs/protocol.md, or the standard, that defines it. */
  readonly section: string;
}

/** The recognized forms. */
type InspectedForm =
  | 'agent_assertion'
  | 'instance_assertion'
  | 'agent_identity_jwt'
  | 'jwt'
  | 'ssh_public_key'
  | 'agent_key'
  | 'agent_identity_record'
  | 'auth_json'
  | 'token';

/** An explained document. Nothing in it was verified. */
export interface Inspection {
  readonly form: InspectedForm;
  readonly title: string;
  readonly section: string;
  readonly members: readonly InspectedMember[];
  /** What is wrong with it or needs attention. Contains no secret. */
  readonly notes: readonly string[];
  /** A document inside it, such as the identity of an auth.json. */
  readonly inside?: Inspection | undefined;
}

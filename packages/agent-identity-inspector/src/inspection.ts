/** One member of an inspected document. */
export interface InspectedMember {
  readonly name: string;
  /** **Secret** if `secret` is set; it is then to be shown only on request. */
  readonly value: unknown;
  readonly secret?: true;
  readonly explanation: string;
  /** Where it is defined: `3` is a section of docs/protocol.md, `RFC 7519` a standard. `describeSection` names it. */
  readonly section: string;
}

/** The recognized forms. */
export type InspectedForm =
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
  /** Where the form is defined; see `InspectedMember`. */
  readonly section: string;
  readonly members: readonly InspectedMember[];
  /** Whether it carries a signature of an agent or an issuer. The signature was not verified. */
  readonly isSigned: boolean;
  /** What is wrong with it or needs attention. Contains no secret. */
  readonly notes: readonly string[];
  /** A document inside it, such as the identity of an auth.json. */
  readonly inside?: Inspection | undefined;
}

/**
 * An error as it travels: `error` is its full name (`org.varlink.service.MethodNotFound`, `io.netconf.Denied`),
 * `parameters` what the interface description gives it.
 */
export class VarlinkError extends Error {
  readonly error: string;
  readonly parameters: Readonly<Record<string, unknown>>;

  constructor(error: string, parameters: Record<string, unknown> = {}) {
    super(sentence(error, parameters));
    this.name = 'VarlinkError';
    this.error = error;
    this.parameters = parameters;
  }
}

const service = 'org.varlink.service';

/** The errors of varlink.org/Service. */
export const interfaceNotFound = (name: string) =>
  new VarlinkError(`${service}.InterfaceNotFound`, { interface: name });
export const methodNotFound = (method: string) => new VarlinkError(`${service}.MethodNotFound`, { method });
export const methodNotImplemented = (method: string) =>
  new VarlinkError(`${service}.MethodNotImplemented`, { method });
export const expectedMore = () => new VarlinkError(`${service}.ExpectedMore`);

/**
 * @param parameter its name; of the call as a whole `method`, `parameters`, `message`…
 * @param message beyond the specification: what was wrong with it, for a person
 */
export function invalidParameter(parameter: string, message?: string): VarlinkError {
  return new VarlinkError(`${service}.InvalidParameter`, {
    parameter,
    ...(message !== undefined && { message }),
  });
}

function sentence(error: string, parameters: Record<string, unknown>): string {
  const { message, ...rest } = parameters;
  const detail = Object.values(rest)
    .filter(value => typeof value === 'string')
    .join(' ');
  return [error, detail, typeof message === 'string' ? message : '']
    .filter(part => part !== '')
    .join(': ')
    .slice(0, 4096);
}

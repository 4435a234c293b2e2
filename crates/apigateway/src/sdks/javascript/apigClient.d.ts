/** A value of a parameter; what is no text is sent as its text. */
export type ParamValue = string | number | boolean;

/** What a client is made with. */
export interface ApigClientConfig {
  /** With a secret key, every request is signed. */
  accessKey?: string;
  secretKey?: string;
  sessionToken?: string;
  /** The region to sign for; without one, the API's. */
  region?: string;
  /** Sent as `x-api-key`. */
  apiKey?: string;
  /** `application/json` unless set. */
  defaultContentType?: string;
  /** `application/json` unless set. */
  defaultAcceptType?: string;
  /** Where the stage is reached, when it is not where the package says. */
  invokeUrl?: string;
}

/** What a call sends besides what its method declares. */
export interface AdditionalParams {
  headers?: Record<string, ParamValue>;
  queryParams?: Record<string, ParamValue | ParamValue[]>;
  signal?: AbortSignal;
}

/** What came of a call. `data` is the body as JSON if it is JSON, else its text. */
export interface ApigResponse<Data = any> {
  status: number;
  statusText: string;
  /** By names in lower case. */
  headers: Record<string, string>;
  data: Data;
}

/** The rejection of a call whose status is not 2xx. */
export declare class ApigError extends Error implements ApigResponse {
  status: number;
  statusText: string;
  headers: Record<string, string>;
  data: any;
  response: ApigResponse;
}

/** The stage's methods. */
export interface ApigClient {
  // methods
}

export declare const apigClientFactory: { newClient(config?: ApigClientConfig): ApigClient };
export default apigClientFactory;

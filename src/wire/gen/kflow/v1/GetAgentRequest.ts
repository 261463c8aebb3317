// Original file: proto/kflow/v1/flows.proto


export interface GetAgentRequest {
}

export interface GetAgentRequest__Output {
}

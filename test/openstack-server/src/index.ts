export { FLAVORS, IMAGES, PRIVATE_NETWORK, PROJECT, PUBLIC_NETWORK } from "./cloud-state.js";
export type { Control, Fault, SeenRequest } from "./control.js";
export { APPLICATION_CREDENTIAL, REGIONS, USER } from "./keystone.js";
export { OpenStack } from "./openstack.js";

import type { FailureKind } from "@warmpool/core";
import type { Ec2Error } from "./ec2-error.js";

/** What a code of EC2 means to a pool. */
interface Meaning {
  readonly kind: FailureKind;
  /**
   * Whether a RunInstances that was answered so has certainly made nothing. EC2 documents these as refusals; its own
   * faults, lost connections and codes that we don't know leave it open.
   */
  readonly refused: boolean;
}

const refused = (kind: FailureKind): Meaning => ({ kind, refused: true });
const open = (kind: FailureKind): Meaning => ({ kind, refused: false });

/** https://docs.aws.amazon.com/AWSEC2/latest/APIReference/errors-overview.html */
const MEANINGS: Readonly<Record<string, Meaning>> = {
  ...every(
    [
      "InsufficientInstanceCapacity",
      "InsufficientHostCapacity",
      "InsufficientReservedInstanceCapacity",
      "InsufficientCapacityOnHost",
      "InsufficientCapacity",
      "InsufficientAddressCapacity",
      "InsufficientVolumeCapacity",
      "InsufficientFreeAddressesInSubnet",
      "ReservationCapacityExceeded",
      "SpotMaxPriceTooLow",
      "UnfulfillableCapacity",
      // A type that a zone doesn't have: another choice may.
      "Unsupported",
    ],
    refused("capacity"),
  ),
  ...every(
    [
      "MaxSpotInstanceCountExceeded",
      "MaxIOPSLimitExceeded",
      "PendingVerification",
      "ResourceCountExceeded",
      "ResourceLimitExceeded",
    ],
    refused("quota"),
  ),
  ...every(
    [
      "RequestLimitExceeded",
      "Throttling",
      "ThrottlingException",
      "ThrottledException",
      "RequestThrottled",
      "RequestThrottledException",
      "EC2ThrottledException",
      "TooManyRequestsException",
      "SlowDown",
    ],
    refused("throttled"),
  ),
  ...every(
    [
      "UnauthorizedOperation",
      "AccessDenied",
      "AccessDeniedException",
      "AuthFailure",
      "Blocked",
      "CredentialsProviderError",
      "ExpiredToken",
      "ExpiredTokenException",
      "IncompleteSignature",
      "MissingAuthenticationToken",
      "OptInRequired",
      "PendingSnapshotLimitExceeded",
      "SignatureDoesNotMatch",
      "UnrecognizedClientException",
      "MissingParameter",
      "MissingInput",
      "MissingAction",
      "UnknownParameter",
      "UnknownVolumeType.Unsupported",
      "UnsupportedOperation",
      "UnsupportedHostConfiguration",
      "UnsupportedHibernationConfiguration",
      "UnsupportedInstanceTypeOnHost",
      "UnsupportedTenancy",
      "UnsupportedProtocol",
      "VPCIdNotSpecified",
      "VPCResourceNotSpecified",
      "OperationNotPermitted",
      "NoSuchVersion",
      "TagLimitExceeded",
      "TagPolicyViolation",
      "ValidationError",
      "DefaultVpcDoesNotExist",
    ],
    refused("permanent"),
  ),
  ...every(
    ["InternalError", "InternalFailure", "ServiceUnavailable", "Unavailable", "RequestTimeout"],
    open("transient"),
  ),
  // Ask again when it has come to rest.
  ...every(
    ["IncorrectInstanceState", "IncorrectState", "ConcurrentTagAccess", "InvalidInstanceID.NotFound"],
    open("transient"),
  ),
  // Something is, or was, there under this token.
  ...every(["IdempotentParameterMismatch", "IdempotentInstanceTerminated", "IdempotencyException"], open("unknown")),
  // Nobody was reached; or our clock is wrong, which the SDK learns by the refusal.
  ...every(["ECONNREFUSED", "ENOTFOUND", "EAI_AGAIN", "RequestExpired"], refused("transient")),
  ...every(["ECONNRESET", "EPIPE", "ETIMEDOUT", "EHOSTUNREACH", "ENETUNREACH", "TimeoutError"], open("transient")),
};

function every(codes: readonly string[], meaning: Meaning): Record<string, Meaning> {
  return Object.fromEntries(codes.map((code) => [code, meaning]));
}

/** What an error means: by its code; by what codes of its family begin or end with; by the status of the answer. */
export function meaningOf({ code, status, message }: Ec2Error): Meaning {
  const known = Object.hasOwn(MEANINGS, code) ? MEANINGS[code] : undefined;
  if (known !== undefined) return known;
  if (code.endsWith("LimitExceeded") && status !== undefined) return refused("quota");
  // InvalidAMIID.NotFound, InvalidParameterValue, InvalidSubnetID.NotFound and over a hundred more.
  if (code.startsWith("Invalid") && status !== undefined && status < 500) return refused("permanent");
  if (code === "Error" && message.startsWith("Region is missing")) return refused("permanent");
  return open(status !== undefined && status >= 500 ? "transient" : "unknown");
}

/** What it means that an instance ended while it was pending or soon after, by the code of EC2's reason. */
export function kindOfEnd(code: string | undefined): FailureKind {
  switch (code) {
    case "Server.InsufficientInstanceCapacity":
    case "Server.SpotInstanceTermination":
    case "Server.SpotInstanceShutdown":
      return "capacity";
    case "Client.VolumeLimitExceeded":
    case "Client.InstanceLimitExceeded":
      return "quota";
    case "Client.InvalidSnapshot.NotFound":
    // Of a volume whose key may not be used, mostly.
    case "Client.InternalError":
    case "Client.InvalidParameterValue":
      return "permanent";
    case "Server.InternalError":
    case "Server.ScheduledStop":
      return "transient";
    default:
      return "unknown";
  }
}

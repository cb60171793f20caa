import type { Cloud } from "./cloud.js";
import type { Xml } from "./xml.js";

/** What DescribeImages does. */
export function describeImages(cloud: Cloud): Xml {
  const images = [...cloud.images].map((imageId) => ({
    imageId,
    imageState: "available",
    architecture: "x86_64",
    imageOwnerId: cloud.accountId,
    isPublic: true,
  }));
  return { imagesSet: images };
}

/** What DescribeKeyPairs does. */
export function describeKeyPairs(cloud: Cloud): Xml {
  return { keySet: [...cloud.keyNames].map((keyName) => ({ keyName })) };
}

/** What DescribeSubnets does. */
export function describeSubnets(cloud: Cloud): Xml {
  return {
    subnetSet: cloud.subnets.map(({ id, zone }) => ({ subnetId: id, availabilityZone: zone, state: "available" })),
  };
}

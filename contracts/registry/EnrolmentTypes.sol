// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {IMinerRegistry} from "./IMinerRegistry.sol";

/// @title What makers and devices sign, as EIP-712 hashes it
library EnrolmentTypes {
    bytes32 internal constant ENROLMENT = keccak256(
        "Enrolment(address device,uint256 manufacturerId,bytes32 modelId,address owner,uint256 nonce,uint256 deadline)"
    );
    bytes32 internal constant ROTATION = keccak256(
        "Rotation(address device,address newDevice,uint256 nonce,uint256 deadline)"
    );
    bytes32 internal constant BATCH = keccak256(
        "EnrolmentBatch(uint256 manufacturerId,bytes32 modelId,bytes32 root,uint256 count,uint256 nonce,uint256 deadline)"
    );
    bytes32 internal constant CLAIM = keccak256(
        "BatchClaim(bytes32 batchId,uint256 index,address device,address owner,uint256 deadline)"
    );

    function hash(IMinerRegistry.Enrolment calldata enrolment) internal pure returns (bytes32) {
        return keccak256(abi.encode(ENROLMENT, enrolment));
    }

    function hash(IMinerRegistry.Rotation calldata rotation) internal pure returns (bytes32) {
        return keccak256(abi.encode(ROTATION, rotation));
    }

    function hash(IMinerRegistry.EnrolmentBatch calldata batch) internal pure returns (bytes32) {
        return keccak256(abi.encode(BATCH, batch));
    }

    function hash(IMinerRegistry.BatchClaim calldata claim, bytes32 batchId) internal pure returns (bytes32) {
        return keccak256(abi.encode(CLAIM, batchId, claim));
    }

    /// @notice A device's leaf in its batch's tree, as OpenZeppelin's StandardMerkleTree makes it: hashed twice, so that no
    /// inner node passes for a leaf. It names chain, registry and the batch's terms, so a root is worth nothing elsewhere.
    function leaf(
        IMinerRegistry.EnrolmentBatch calldata batch,
        uint256 index,
        address device
    ) internal view returns (bytes32) {
        bytes32 inner = keccak256(
            abi.encode(block.chainid, address(this), batch.manufacturerId, batch.modelId, batch.nonce, index, device)
        );
        return keccak256(bytes.concat(inner));
    }
}

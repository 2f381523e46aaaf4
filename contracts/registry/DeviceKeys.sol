// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {ECDSA} from "@openzeppelin/contracts/utils/cryptography/ECDSA.sol";
import {P256} from "@openzeppelin/contracts/utils/cryptography/P256.sol";
import {IMinerRegistry} from "./IMinerRegistry.sol";

/**
 * @title Keys of devices
 * @notice Proof that a device holds its key, on either curve. The length says which: 65 bytes (r, s, v) are secp256k1,
 * 128 bytes (r, s, x, y) P-256, whose key can't be recovered as cheaply as it is sent. Both sign the EIP-712 digest itself.
 */
library DeviceKeys {
    /// @dev r, s, x, y.
    uint256 private constant P256_SIGNATURE_LENGTH = 128;

    /// @notice A P-256 key; both zero where a device's key is of secp256k1.
    struct PublicKey {
        bytes32 x;
        bytes32 y;
    }

    /// @notice The name of a P-256 key: as for secp256k1, the last 20 bytes of keccak-256 of the point.
    function addressOf(PublicKey memory key) internal pure returns (address) {
        return address(uint160(uint256(keccak256(abi.encode(key.x, key.y)))));
    }

    /// @notice Refuses whatever is not the device's own signature with s in the lower half of the order.
    /// @return key Worth keeping where it is of P-256.
    function checkPossession(
        address device,
        bytes32 digest,
        bytes calldata signature
    ) internal view returns (PublicKey memory key) {
        address signer;
        if (signature.length == P256_SIGNATURE_LENGTH) {
            (bytes32 r, bytes32 s) = (bytes32(signature[:32]), bytes32(signature[32:64]));
            key = PublicKey(bytes32(signature[64:96]), bytes32(signature[96:]));
            if (uint256(s) > P256.N / 2) revert ECDSA.ECDSAInvalidSignatureS(s);
            // Naming the key first: on a chain without the precompile, verifying takes a quarter of a million gas.
            signer = addressOf(key);
            if (signer == device && !P256.verify(digest, r, s, key.x, key.y)) signer = address(0);
        } else {
            signer = ECDSA.recoverCalldata(digest, signature);
        }
        if (signer != device) revert IMinerRegistry.DeviceSignatureInvalid(device, signer);
    }
}

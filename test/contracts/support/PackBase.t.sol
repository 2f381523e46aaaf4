// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {PackVerifier} from "../../../contracts/verify/PackVerifier.sol";
import {EnrolmentBase} from "./EnrolmentBase.t.sol";

/// @dev Packs of either algorithm, written from the profile and not with the libraries under test.
abstract contract PackBase is EnrolmentBase {
    PackVerifier internal verifier;
    address internal secure;

    function setUp() public virtual override {
        super.setUp();
        verifier = new PackVerifier(address(miners));
        _enrol(_enrolment());
        secure = _enrolP256(P256_KEY);
    }

    /// @return signed What is signed, hashed.
    /// @return front The message up to the unprotected header.
    /// @return tail The payload, encoded.
    function _parts(
        bytes memory algorithm,
        address kid,
        bytes memory payload
    ) internal view returns (bytes32 signed, bytes memory front, bytes memory tail) {
        bytes memory header = abi.encodePacked(hex"a201", algorithm, hex"0454", kid);
        bytes memory encoded = abi.encodePacked(hex"58", uint8(header.length), header);
        bytes memory aad = verifier.externalAad();
        tail = abi.encodePacked(_byteHead(payload.length), payload);
        signed = sha256(abi.encodePacked(hex"846a", "Signature1", encoded, hex"58", uint8(aad.length), aad, tail));
        front = abi.encodePacked(hex"d284", encoded);
    }

    function _packK(uint256 key, address kid, bytes memory payload) internal view returns (bytes memory) {
        (bytes32 signed, bytes memory front, bytes memory tail) = _parts(hex"382e", kid, payload);
        (, bytes32 r, bytes32 s) = vm.sign(key, signed);
        return abi.encodePacked(front, hex"a0", tail, hex"5840", r, s);
    }

    /// @param unprotected Header, encoded.
    function _packP(
        uint256 key,
        address kid,
        bytes memory payload,
        bytes memory unprotected
    ) internal view returns (bytes memory) {
        (bytes32 signed, bytes memory front, bytes memory tail) = _parts(hex"26", kid, payload);
        (bytes32 r, bytes32 s) = _rsP256(key, signed);
        return abi.encodePacked(front, unprotected, tail, hex"5840", r, s);
    }

    function _byteHead(uint256 length) internal pure returns (bytes memory) {
        if (length < 24) return abi.encodePacked(uint8(0x40 + length));
        if (length < 256) return abi.encodePacked(hex"58", uint8(length));
        return abi.encodePacked(hex"59", uint16(length));
    }
}

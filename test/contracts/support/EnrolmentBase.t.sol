// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {IMinerRegistry as I} from "../../../contracts/registry/IMinerRegistry.sol";
import {RegistryBase} from "./RegistryBase.t.sol";

/// @dev The cheat codes for the other curve.
interface VmP256 {
    function signP256(uint256 privateKey, bytes32 digest) external pure returns (bytes32 r, bytes32 s);
    function publicKeyP256(uint256 privateKey) external pure returns (uint256 x, uint256 y);
}

/// @dev What the tests of devices share: messages, hashed here from the standards and not with the code under test, and
/// signatures on both curves.
abstract contract EnrolmentBase is RegistryBase {
    bytes32 internal constant MODEL = "AP-1";
    uint256 internal constant OTHER_KEY = 0xD02;
    uint256 internal constant P256_KEY = 0xD56;
    uint256 internal constant P256_ORDER = 0xFFFFFFFF00000000FFFFFFFFFFFFFFFFBCE6FAADA7179E84F3B9CAC2FC632551;
    VmP256 internal constant vmP256 = VmP256(0x7109709ECfa91a80626fF3989D68f67F5b1DD12D);
    uint256 internal licence;

    function setUp() public virtual override {
        super.setUp();
        licence = _licence();
    }

    function _enrolment() internal view returns (I.Enrolment memory) {
        return _enrolment(device);
    }

    function _enrolment(address device_) internal view returns (I.Enrolment memory) {
        return
            I.Enrolment({
                device: device_,
                manufacturerId: licence,
                modelId: MODEL,
                owner: OWNER,
                nonce: miners.nonceOf(licence),
                deadline: START + 1 days
            });
    }

    function _rotation() internal view returns (I.Rotation memory) {
        return I.Rotation({device: device, newDevice: vm.addr(OTHER_KEY), nonce: 0, deadline: START + 1 days});
    }

    function _enrol(I.Enrolment memory e) internal {
        bytes32 digest = _digest(e);
        miners.enrol(e, _sign(MAKER_KEY, digest), _sign(DEVICE_KEY, digest));
    }

    /// @return enrolled The device of a key on secp256k1, enrolled for OWNER.
    function _enrolKey(uint256 key) internal returns (address enrolled) {
        enrolled = vm.addr(key);
        I.Enrolment memory e = _enrolment(enrolled);
        bytes32 digest = _digest(e);
        miners.enrol(e, _sign(MAKER_KEY, digest), _sign(key, digest));
    }

    /// @return enrolled The device of a key on P-256, enrolled for OWNER.
    function _enrolP256(uint256 key) internal returns (address enrolled) {
        enrolled = _addrP256(key);
        I.Enrolment memory e = _enrolment(enrolled);
        bytes32 digest = _digest(e);
        miners.enrol(e, _sign(MAKER_KEY, digest), _signP256(key, digest));
    }

    function _refuseEnrolment(I.Enrolment memory e, bytes memory reason) internal {
        bytes32 digest = _digest(e);
        bytes memory licenceSignature = _sign(MAKER_KEY, digest);
        bytes memory deviceSignature = _sign(DEVICE_KEY, digest);
        vm.expectRevert(reason);
        miners.enrol(e, licenceSignature, deviceSignature);
    }

    function _status(address device_) internal view returns (I.DeviceStatus status) {
        (status, , ) = miners.statusOf(device_);
    }

    function _addrP256(uint256 key) internal pure returns (address) {
        (uint256 x, uint256 y) = vmP256.publicKeyP256(key);
        return address(uint160(uint256(keccak256(abi.encodePacked(x, y)))));
    }

    /// @return r And s, which is in the lower half.
    function _rsP256(uint256 key, bytes32 digest) internal pure returns (bytes32 r, bytes32 s) {
        (r, s) = vmP256.signP256(key, digest);
        if (uint256(s) > P256_ORDER / 2) s = bytes32(P256_ORDER - uint256(s));
    }

    /// @return 128 bytes: r, s, x, y.
    function _signP256(uint256 key, bytes32 digest) internal pure returns (bytes memory) {
        (bytes32 r, bytes32 s) = _rsP256(key, digest);
        (uint256 x, uint256 y) = vmP256.publicKeyP256(key);
        return abi.encodePacked(r, s, x, y);
    }

    function _signP256HighS(uint256 key, bytes32 digest) internal pure returns (bytes memory) {
        (bytes32 r, bytes32 s) = _rsP256(key, digest);
        (uint256 x, uint256 y) = vmP256.publicKeyP256(key);
        return abi.encodePacked(r, P256_ORDER - uint256(s), x, y);
    }

    function _digest(I.Enrolment memory e) internal view returns (bytes32) {
        bytes32 structHash = keccak256(
            abi.encode(
                keccak256(
                    "Enrolment(address device,uint256 manufacturerId,bytes32 modelId,address owner,uint256 nonce,uint256 deadline)"
                ),
                e.device,
                e.manufacturerId,
                e.modelId,
                e.owner,
                e.nonce,
                e.deadline
            )
        );
        return _typed("DIMO MinerRegistry", address(miners), structHash);
    }

    function _digest(I.Rotation memory r) internal view returns (bytes32) {
        bytes32 structHash = keccak256(
            abi.encode(
                keccak256("Rotation(address device,address newDevice,uint256 nonce,uint256 deadline)"),
                r.device,
                r.newDevice,
                r.nonce,
                r.deadline
            )
        );
        return _typed("DIMO MinerRegistry", address(miners), structHash);
    }

    function _digest(I.EnrolmentBatch memory b) internal view returns (bytes32) {
        bytes32 structHash = keccak256(
            abi.encode(
                keccak256(
                    "EnrolmentBatch(uint256 manufacturerId,bytes32 modelId,bytes32 root,uint256 count,uint256 nonce,uint256 deadline)"
                ),
                b.manufacturerId,
                b.modelId,
                b.root,
                b.count,
                b.nonce,
                b.deadline
            )
        );
        return _typed("DIMO MinerRegistry", address(miners), structHash);
    }

    function _digest(I.BatchClaim memory c, bytes32 batchId) internal view returns (bytes32) {
        bytes32 structHash = keccak256(
            abi.encode(
                keccak256("BatchClaim(bytes32 batchId,uint256 index,address device,address owner,uint256 deadline)"),
                batchId,
                c.index,
                c.device,
                c.owner,
                c.deadline
            )
        );
        return _typed("DIMO MinerRegistry", address(miners), structHash);
    }

    function _leaf(I.EnrolmentBatch memory b, uint256 index, address device_) internal view returns (bytes32) {
        bytes32 inner = keccak256(
            abi.encode(block.chainid, address(miners), b.manufacturerId, b.modelId, b.nonce, index, device_)
        );
        return keccak256(abi.encodePacked(inner));
    }

    function _pairHash(bytes32 a, bytes32 b) internal pure returns (bytes32) {
        return a < b ? keccak256(abi.encodePacked(a, b)) : keccak256(abi.encodePacked(b, a));
    }

    /// @dev Terms of a batch, whose root is still to be made.
    function _terms(uint256 count) internal view returns (I.EnrolmentBatch memory) {
        return
            I.EnrolmentBatch({
                manufacturerId: licence,
                modelId: MODEL,
                root: 0,
                count: count,
                nonce: miners.nonceOf(licence),
                deadline: START + 30 days
            });
    }

    /// @return batch Of the devices of two keys, the first on secp256k1, the second on P-256.
    /// @return proofs Of each.
    function _batchOfTwo(
        uint256 key,
        uint256 keyP256
    ) internal view returns (I.EnrolmentBatch memory batch, bytes32[][2] memory proofs) {
        batch = _terms(2);
        bytes32[2] memory leaves = [_leaf(batch, 0, vm.addr(key)), _leaf(batch, 1, _addrP256(keyP256))];
        batch.root = _pairHash(leaves[0], leaves[1]);
        (proofs[0], proofs[1]) = (new bytes32[](1), new bytes32[](1));
        (proofs[0][0], proofs[1][0]) = (leaves[1], leaves[0]);
    }

    function _post(I.EnrolmentBatch memory batch) internal returns (bytes32 batchId) {
        batchId = _digest(batch);
        miners.postBatch(batch, _sign(MAKER_KEY, batchId));
    }

    function _claim(uint256 index, address device_) internal pure returns (I.BatchClaim memory) {
        return I.BatchClaim({index: index, device: device_, owner: OWNER, deadline: START + 7 days});
    }
}

// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

// Devices: both keys must sign the same message, once, in time, for this chain; and one suspension stops the fleet.

import {ECDSA} from "@openzeppelin/contracts/utils/cryptography/ECDSA.sol";
import {IAccessManaged} from "@openzeppelin/contracts/access/manager/IAccessManaged.sol";
import {IERC1271} from "@openzeppelin/contracts/interfaces/IERC1271.sol";
import {IERC7913SignatureVerifier} from "@openzeppelin/contracts/interfaces/IERC7913.sol";
import {Initializable} from "@openzeppelin/contracts/proxy/utils/Initializable.sol";
import {IManufacturerRegistry} from "../../../contracts/registry/IManufacturerRegistry.sol";
import {IMinerRegistry as I} from "../../../contracts/registry/IMinerRegistry.sol";
import {EnrolmentBase} from "../support/EnrolmentBase.t.sol";

/// @dev A smart wallet that takes its owner's signatures.
contract Wallet is IERC1271 {
    address private immutable owner;

    constructor(address owner_) {
        owner = owner_;
    }

    function isValidSignature(bytes32 hash, bytes calldata signature) external view returns (bytes4) {
        return ECDSA.recoverCalldata(hash, signature) == owner ? IERC1271.isValidSignature.selector : bytes4(0);
    }
}

/// @dev An ERC-7913 verifier of a toy scheme: the signature is keccak256(key, hash).
contract ToyVerifier is IERC7913SignatureVerifier {
    function verify(bytes calldata key, bytes32 hash, bytes calldata signature) external pure returns (bytes4) {
        bool valid = bytes32(signature) == keccak256(abi.encodePacked(key, hash));
        return valid ? IERC7913SignatureVerifier.verify.selector : bytes4(0);
    }
}

contract MinerRegistryTest is EnrolmentBase {
    function test_enrolment_gives_a_device_its_identity() public {
        vm.expectEmit();
        emit I.DeviceEnrolled(device, licence, OWNER, MODEL);
        _enrol(_enrolment());
        (I.DeviceStatus status, uint256 manufacturerId, bool effective) = miners.statusOf(device);
        _eq("status", uint256(status), uint256(I.DeviceStatus.Active));
        _eq("manufacturer", manufacturerId, licence);
        _eq("effective", effective, true);
        I.DeviceInfo memory info = miners.deviceInfo(device);
        _eq("owner", info.owner, OWNER);
        _eq("model", info.modelId, MODEL);
        _eq("enrolledAt", info.enrolledAt, START);
        _eq("fleet", miners.fleetOf(licence), 1);
    }

    function test_a_device_enrols_once_and_never_after_retiring() public {
        I.Enrolment memory e = _enrolment();
        _enrol(e);
        _refuseEnrolment(e, abi.encodeWithSelector(I.DeviceStatusRefused.selector, device, I.DeviceStatus.Active));
        vm.prank(OWNER);
        miners.retire(device, "scrapped");
        _refuseEnrolment(e, abi.encodeWithSelector(I.DeviceStatusRefused.selector, device, I.DeviceStatus.Retired));
        _eq("fleet", miners.fleetOf(licence), 0);
    }

    /// Changing any field after signing breaks both signatures.
    function testFuzz_every_field_is_signed(uint8 field, uint256 change) public {
        vm.assume(change != 0);
        I.Enrolment memory e = _enrolment();
        bytes32 digest = _digest(e);
        field = field % 5;
        if (field == 0) e.device = address(uint160(e.device) ^ uint160(1 + (change % type(uint160).max)));
        if (field == 1) e.manufacturerId = manufacturers.grant(maker, "B", 0, 9, abi.encodePacked(maker));
        if (field == 2) e.modelId ^= bytes32(change);
        if (field == 3) e.owner = address(uint160(2 + (change % 1_000_000)) + uint160(e.owner));
        if (field == 4) e.deadline += 1 + (change % 1 days);
        bytes memory licenceSignature = _sign(MAKER_KEY, digest);
        bytes memory deviceSignature = _sign(DEVICE_KEY, digest);
        vm.expectRevert();
        miners.enrol(e, licenceSignature, deviceSignature);
        vm.expectRevert();
        miners.enrol(e, _sign(MAKER_KEY, _digest(e)), deviceSignature);
        vm.expectRevert();
        miners.enrol(e, licenceSignature, _sign(DEVICE_KEY, _digest(e)));
    }

    function test_attack_squatting_without_the_device_key() public {
        I.Enrolment memory e = _enrolment();
        e.owner = STRANGER;
        bytes32 digest = _digest(e);
        vm.expectRevert(abi.encodeWithSelector(I.DeviceSignatureInvalid.selector, device, vm.addr(OTHER_KEY)));
        miners.enrol(e, _sign(MAKER_KEY, digest), _sign(OTHER_KEY, digest));
    }

    function test_attack_squatting_under_another_licence() public {
        uint256 rival = manufacturers.grant(STRANGER, "Rival", 0, 9, abi.encodePacked(vm.addr(OTHER_KEY)));
        I.Enrolment memory e = _enrolment();
        bytes memory deviceSignature = _sign(DEVICE_KEY, _digest(e));
        e.manufacturerId = rival;
        bytes memory licenceSignature = _sign(OTHER_KEY, _digest(e));
        vm.expectRevert();
        miners.enrol(e, licenceSignature, deviceSignature);
    }

    function test_attack_enrolment_without_the_licence() public {
        I.Enrolment memory e = _enrolment();
        bytes32 digest = _digest(e);
        vm.expectRevert(abi.encodeWithSelector(I.LicenceSignatureInvalid.selector, licence, abi.encodePacked(maker)));
        miners.enrol(e, _sign(OTHER_KEY, digest), _sign(DEVICE_KEY, digest));
    }

    function test_attack_high_s_signatures() public {
        I.Enrolment memory e = _enrolment();
        bytes32 digest = _digest(e);
        bytes memory high = _signHighS(DEVICE_KEY, digest);
        bytes32 s;
        assembly {
            s := mload(add(high, 64))
        }
        vm.expectRevert(abi.encodeWithSelector(ECDSA.ECDSAInvalidSignatureS.selector, s));
        miners.enrol(e, _sign(MAKER_KEY, digest), high);
        vm.expectRevert(abi.encodeWithSelector(I.LicenceSignatureInvalid.selector, licence, abi.encodePacked(maker)));
        miners.enrol(e, _signHighS(MAKER_KEY, digest), _sign(DEVICE_KEY, digest));
    }

    function test_attack_replay_on_another_chain() public {
        I.Enrolment memory e = _enrolment();
        bytes32 digest = _digest(e);
        vm.chainId(block.chainid + 1);
        vm.expectRevert();
        miners.enrol(e, _sign(MAKER_KEY, digest), _sign(DEVICE_KEY, digest));
    }

    function test_attack_replay_after_the_maker_voided_it() public {
        I.Enrolment memory e = _enrolment();
        vm.prank(STRANGER);
        vm.expectRevert(abi.encodeWithSelector(I.NotLicenceOwner.selector, licence, STRANGER));
        miners.moveNonce(licence);
        vm.expectEmit();
        emit I.NonceMoved(licence, 1);
        vm.prank(maker);
        miners.moveNonce(licence);
        _eq("nonce", miners.nonceOf(licence), 1);
        _refuseEnrolment(e, abi.encodeWithSelector(I.NonceInvalid.selector, 0, 1));
        e.nonce = 1;
        _enrol(e);
    }

    function test_enrolment_ends_with_its_deadline() public {
        I.Enrolment memory e = _enrolment();
        vm.warp(e.deadline + 1);
        _refuseEnrolment(e, abi.encodeWithSelector(I.DeadlinePassed.selector, e.deadline, e.deadline + 1));
        vm.warp(e.deadline);
        _enrol(e);
    }

    function test_enrolment_needs_an_owner_and_an_active_licence() public {
        I.Enrolment memory e = _enrolment();
        e.owner = address(0);
        _refuseEnrolment(e, abi.encodeWithSelector(I.OwnerInvalid.selector, address(0)));
        e.owner = OWNER;
        e.manufacturerId = 99;
        _refuseEnrolment(e, abi.encodeWithSelector(I.LicenceNotActive.selector, 99, uint8(0)));
        e.manufacturerId = licence;
        vm.prank(maker);
        manufacturers.exit(licence);
        uint8 exiting = uint8(IManufacturerRegistry.LicenceStatus.Exiting);
        _refuseEnrolment(e, abi.encodeWithSelector(I.LicenceNotActive.selector, licence, exiting));
    }

    function test_a_fleet_stays_within_its_cap() public {
        manufacturers.setDeviceCap(licence, 1);
        _enrol(_enrolment());
        I.Enrolment memory e = _enrolment();
        e.device = vm.addr(OTHER_KEY);
        bytes32 digest = _digest(e);
        bytes memory byMaker = _sign(MAKER_KEY, digest);
        bytes memory byDevice = _sign(OTHER_KEY, digest);
        vm.expectRevert(abi.encodeWithSelector(I.DeviceCapReached.selector, licence, 1));
        miners.enrol(e, byMaker, byDevice);
        vm.prank(OWNER);
        miners.retire(device, "");
        miners.enrol(e, _sign(MAKER_KEY, digest), _sign(OTHER_KEY, digest));
    }

    function test_a_licence_may_sign_by_wallet_or_by_a_listed_verifier() public {
        Wallet wallet = new Wallet(maker);
        vm.prank(maker);
        manufacturers.setAttestationSigner(licence, abi.encodePacked(wallet));
        _enrol(_enrolment());

        ToyVerifier verifier = new ToyVerifier();
        manufacturers.setVerifier(address(verifier), true);
        vm.prank(maker);
        manufacturers.setAttestationSigner(licence, abi.encodePacked(verifier, "key"));
        I.Enrolment memory e = _enrolment();
        e.device = vm.addr(OTHER_KEY);
        bytes32 digest = _digest(e);
        bytes memory licenceSignature = abi.encodePacked(keccak256(abi.encodePacked("key", digest)));
        manufacturers.setVerifier(address(verifier), false);
        vm.expectRevert(abi.encodeWithSelector(I.LicenceSignatureInvalid.selector, licence, bytes("")));
        miners.enrol(e, licenceSignature, _sign(OTHER_KEY, digest));
        manufacturers.setVerifier(address(verifier), true);
        miners.enrol(e, licenceSignature, _sign(OTHER_KEY, digest));
    }

    function test_one_suspension_stops_the_fleet_and_reinstating_restarts_it() public {
        _enrol(_enrolment());
        manufacturers.suspend(licence, "");
        (I.DeviceStatus status, , bool effective) = miners.statusOf(device);
        _eq("the device itself is Active", uint256(status), uint256(I.DeviceStatus.Active));
        _eq("effective", effective, false);
        _eq("info", miners.deviceInfo(device).effective, false);
        manufacturers.reinstate(licence);
        (, , effective) = miners.statusOf(device);
        _eq("effective again", effective, true);
    }

    function test_effectiveness_at_past_moments() public {
        _enrol(_enrolment());
        vm.warp(START + 1 days);
        manufacturers.suspend(licence, "");
        vm.warp(START + 2 days);
        manufacturers.reinstate(licence);
        vm.warp(START + 3 days);
        vm.prank(OWNER);
        miners.retire(device, "");
        vm.warp(START + 9 days);
        _eq("before", miners.isEffectiveAt(device, uint48(START - 1)), false);
        _eq("enrolled", miners.isEffectiveAt(device, uint48(START)), true);
        _eq("suspended", miners.isEffectiveAt(device, uint48(START + 1 days)), false);
        _eq("reinstated", miners.isEffectiveAt(device, uint48(START + 2 days)), true);
        _eq("retired", miners.isEffectiveAt(device, uint48(START + 3 days)), false);
        _eq("unknown", miners.isEffectiveAt(STRANGER, uint48(START)), false);
        _eq("now", miners.isEffectiveAt(device, uint48(START + 9 days)), false);
        bytes memory refusal = abi.encodeWithSelector(I.TimestampInFuture.selector, START + 9 days + 1, START + 9 days);
        vm.expectRevert(refusal);
        miners.isEffectiveAt(device, uint48(START + 9 days + 1));
    }

    function test_pairing_binds_one_device_to_one_vehicle_of_its_owner() public {
        _enrol(_enrolment());
        vm.expectEmit();
        emit I.DevicePaired(device, OWNER, "car");
        vm.prank(OWNER);
        miners.pair(device, "car");
        _eq("paired", miners.deviceOf(OWNER, "car"), device);
        _eq("vehicle", miners.deviceInfo(device).vehicle, "car");
        vm.prank(OWNER);
        vm.expectRevert(abi.encodeWithSelector(I.VehiclePaired.selector, bytes32("car"), device));
        miners.pair(device, "car");
        vm.prank(OWNER);
        vm.expectRevert(abi.encodeWithSelector(I.VehiclePaired.selector, bytes32("car"), device));
        miners.pair(device, "van");
        vm.prank(OWNER);
        vm.expectRevert(abi.encodeWithSelector(I.VehicleInvalid.selector, bytes32(0)));
        miners.pair(device, 0);
        vm.expectEmit();
        emit I.DeviceUnpaired(device, OWNER, "car");
        vm.prank(OWNER);
        miners.unpair(device);
        _eq("vehicle", miners.deviceInfo(device).vehicle, bytes32(0));
        _eq("unpaired", miners.deviceOf(OWNER, "car"), address(0));
        vm.prank(OWNER);
        vm.expectRevert(abi.encodeWithSelector(I.DeviceNotPaired.selector, device));
        miners.unpair(device);
    }

    function test_an_accepted_device_is_unpaired_and_leaves_its_old_owner_nothing() public {
        _enrol(_enrolment());
        vm.prank(OWNER);
        miners.pair(device, "car");
        vm.expectEmit();
        emit I.DeviceOffered(device, OWNER, STRANGER);
        vm.prank(OWNER);
        miners.offer(device, STRANGER);
        _eq("offered", miners.offeredTo(device), STRANGER);
        _eq("still the owner's", miners.deviceInfo(device).owner, OWNER);
        _eq("still paired", miners.deviceOf(OWNER, "car"), device);
        vm.expectEmit();
        emit I.DeviceUnpaired(device, OWNER, "car");
        vm.expectEmit();
        emit I.DeviceTransferred(device, OWNER, STRANGER);
        vm.prank(STRANGER);
        miners.accept(device);
        _eq("owner", miners.deviceInfo(device).owner, STRANGER);
        _eq("vehicle", miners.deviceInfo(device).vehicle, bytes32(0));
        _eq("pairing", miners.deviceOf(OWNER, "car"), address(0));
        _eq("offer", miners.offeredTo(device), address(0));
        vm.prank(OWNER);
        vm.expectRevert(abi.encodeWithSelector(I.NotDeviceOwner.selector, device, OWNER));
        miners.pair(device, "car");
        vm.prank(STRANGER);
        miners.pair(device, "car");
        // What was accepted is used up.
        vm.prank(STRANGER);
        vm.expectRevert(abi.encodeWithSelector(I.NotOffered.selector, device, STRANGER));
        miners.accept(device);
    }

    function test_only_whom_it_was_last_offered_to_accepts() public {
        _enrol(_enrolment());
        vm.prank(STRANGER);
        vm.expectRevert(abi.encodeWithSelector(I.NotOffered.selector, device, STRANGER));
        miners.accept(device);
        vm.prank(OWNER);
        miners.offer(device, STRANGER);
        vm.prank(OWNER);
        miners.offer(device, maker);
        vm.prank(STRANGER);
        vm.expectRevert(abi.encodeWithSelector(I.NotOffered.selector, device, STRANGER));
        miners.accept(device);
        vm.expectEmit();
        emit I.DeviceOffered(device, OWNER, address(0));
        vm.prank(OWNER);
        miners.offer(device, address(0));
        vm.prank(maker);
        vm.expectRevert(abi.encodeWithSelector(I.NotOffered.selector, device, maker));
        miners.accept(device);
    }

    function test_an_offer_ends_with_the_device() public {
        _enrol(_enrolment());
        vm.prank(OWNER);
        miners.offer(device, STRANGER);
        miners.retire(device, "");
        _eq("offer", miners.offeredTo(device), address(0));
        vm.prank(STRANGER);
        vm.expectRevert(abi.encodeWithSelector(I.NotOffered.selector, device, STRANGER));
        miners.accept(device);
        _eq("owner", miners.deviceInfo(device).owner, OWNER);
    }

    function test_an_offer_is_of_the_key_and_not_of_the_next_one() public {
        _enrol(_enrolment());
        vm.prank(OWNER);
        miners.offer(device, STRANGER);
        I.Rotation memory r = _rotation();
        bytes32 digest = _digest(r);
        bytes memory byMaker = _sign(MAKER_KEY, digest);
        bytes memory byNew = _sign(OTHER_KEY, digest);
        vm.prank(OWNER);
        miners.rotate(r, byMaker, byNew);
        _eq("old", miners.offeredTo(device), address(0));
        _eq("new", miners.offeredTo(r.newDevice), address(0));
    }

    function test_only_the_owner_or_governance_touches_a_device() public {
        _enrol(_enrolment());
        bytes[3] memory calls = [
            abi.encodeCall(I.pair, (device, "car")),
            abi.encodeCall(I.unpair, (device)),
            abi.encodeCall(I.offer, (device, STRANGER))
        ];
        bytes memory refusal = abi.encodeWithSelector(I.NotDeviceOwner.selector, device, STRANGER);
        for (uint256 i = 0; i < calls.length; ++i) {
            vm.prank(STRANGER);
            (bool passed, bytes memory reason) = address(miners).call(calls[i]);
            _eq("stranger", passed, false);
            _eq("reason", keccak256(reason), keccak256(refusal));
        }
        vm.prank(STRANGER);
        vm.expectRevert(abi.encodeWithSelector(IAccessManaged.AccessManagedUnauthorized.selector, STRANGER));
        miners.retire(device, "");
        vm.warp(START + 5);
        vm.expectEmit();
        emit I.DeviceRetired(device, "by vote");
        miners.retire(device, "by vote");
        _eq("retiredAt", miners.deviceInfo(device).retiredAt, START + 5);
        _eq("retired", uint256(miners.deviceInfo(device).status), uint256(I.DeviceStatus.Retired));
    }

    function test_a_retired_device_does_nothing() public {
        _enrol(_enrolment());
        miners.retire(device, "");
        bytes[4] memory calls = [
            abi.encodeCall(I.pair, (device, "car")),
            abi.encodeCall(I.unpair, (device)),
            abi.encodeCall(I.offer, (device, STRANGER)),
            abi.encodeCall(I.retire, (device, ""))
        ];
        bytes memory refusal = abi.encodeWithSelector(I.DeviceStatusRefused.selector, device, I.DeviceStatus.Retired);
        for (uint256 i = 0; i < calls.length; ++i) {
            vm.prank(OWNER);
            (bool passed, bytes memory reason) = address(miners).call(calls[i]);
            _eq("retired", passed, false);
            _eq("reason", keccak256(reason), keccak256(refusal));
        }
    }

    function test_rotation_moves_the_identity_and_retires_the_old_key() public {
        _enrol(_enrolment());
        vm.prank(OWNER);
        miners.pair(device, "car");
        I.Rotation memory r = _rotation();
        bytes32 digest = _digest(r);
        bytes memory licenceSignature = _sign(MAKER_KEY, digest);
        bytes memory newDeviceSignature = _sign(OTHER_KEY, digest);
        vm.warp(START + 5);
        vm.expectEmit();
        emit I.DeviceRotated(device, r.newDevice);
        vm.prank(OWNER);
        miners.rotate(r, licenceSignature, newDeviceSignature);
        _eq("old retired at", miners.deviceInfo(device).retiredAt, START + 5);
        _eq("old vehicle", miners.deviceInfo(device).vehicle, bytes32(0));
        _eq("new enrolled at", miners.deviceInfo(r.newDevice).enrolledAt, START + 5);
        _eq("old", uint256(miners.deviceInfo(device).status), uint256(I.DeviceStatus.Retired));
        I.DeviceInfo memory info = miners.deviceInfo(r.newDevice);
        _eq("new", info.effective, true);
        _eq("owner", info.owner, OWNER);
        _eq("model", info.modelId, MODEL);
        _eq("vehicle", miners.deviceOf(OWNER, "car"), r.newDevice);
        _eq("fleet", miners.fleetOf(licence), 1);
        vm.prank(OWNER);
        vm.expectRevert(abi.encodeWithSelector(I.DeviceStatusRefused.selector, device, I.DeviceStatus.Retired));
        miners.rotate(r, licenceSignature, newDeviceSignature);
    }

    function test_attack_rotation_hijack() public {
        _enrol(_enrolment());
        I.Rotation memory r = _rotation();
        bytes32 digest = _digest(r);
        bytes memory byMaker = _sign(MAKER_KEY, digest);
        bytes memory byNew = _sign(OTHER_KEY, digest);
        bytes memory byOld = _sign(DEVICE_KEY, digest);
        vm.prank(STRANGER);
        vm.expectRevert(abi.encodeWithSelector(I.NotDeviceOwner.selector, device, STRANGER));
        miners.rotate(r, byMaker, byNew);
        vm.prank(OWNER);
        vm.expectRevert(abi.encodeWithSelector(I.LicenceSignatureInvalid.selector, licence, abi.encodePacked(maker)));
        miners.rotate(r, byOld, byNew);
        vm.prank(OWNER);
        vm.expectRevert(abi.encodeWithSelector(I.DeviceSignatureInvalid.selector, r.newDevice, device));
        miners.rotate(r, byMaker, byOld);
        vm.prank(maker);
        miners.moveNonce(licence);
        vm.prank(OWNER);
        vm.expectRevert(abi.encodeWithSelector(I.NonceInvalid.selector, 0, 1));
        miners.rotate(r, byMaker, byNew);
    }

    function test_attack_initializer_re_run() public {
        vm.expectRevert(abi.encodeWithSelector(Initializable.InvalidInitialization.selector));
        miners.initialize(STRANGER, STRANGER);
        vm.prank(STRANGER);
        vm.expectRevert(abi.encodeWithSelector(IAccessManaged.AccessManagedUnauthorized.selector, STRANGER));
        miners.upgradeToAndCall(address(token), "");
    }
}

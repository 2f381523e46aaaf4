// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

// The edges of a device's life and of its record: the second before, the order of refusals, and what is written at all.

import {IManufacturerRegistry} from "../../../contracts/registry/IManufacturerRegistry.sol";
import {IMinerRegistry as I} from "../../../contracts/registry/IMinerRegistry.sol";
import {MinerRegistry} from "../../../contracts/registry/MinerRegistry.sol";
import {EnrolmentBase} from "../support/EnrolmentBase.t.sol";

/// @dev What the registry of licences refuses to hold: an Active licence for which the zero address signs.
contract CarelessLicences {
    function enrolmentTerms(
        uint256
    ) external pure returns (IManufacturerRegistry.LicenceStatus status, uint32 deviceCap, bytes memory signer) {
        return (IManufacturerRegistry.LicenceStatus.Active, 9, new bytes(20));
    }
}

contract MinerRegistryEdgesTest is EnrolmentBase {
    VmStorage private constant vmStorage = VmStorage(0x7109709ECfa91a80626fF3989D68f67F5b1DD12D);
    /// keccak256(abi.encode(uint256(keccak256("dimo.storage.MinerRegistry")) - 1)) & ~bytes32(uint256(0xff))
    uint256 private constant LAYOUT = 0x9be7913d34530e6bec62a9787d2421355752f26af525146235e06f99a786ec00;

    /// The licence was Active before: its devices still count from their own enrolment on.
    function test_a_device_counts_from_the_second_of_its_enrolment() public {
        vm.warp(START + 10);
        _enrol(_enrolment());
        _eq("licensed", manufacturers.isActiveAt(licence, uint48(START + 9)), true);
        _eq("before", miners.isEffectiveAt(device, uint48(START + 9)), false);
        _eq("at", miners.isEffectiveAt(device, uint48(START + 10)), true);
    }

    /// The state is looked at first, so that the answer is the same whoever asks.
    function test_a_device_that_is_not_active_is_retired_by_nobody() public {
        address[3] memory callers = [OWNER, STRANGER, address(this)];
        bytes memory unknown = abi.encodeWithSelector(I.DeviceStatusRefused.selector, device, I.DeviceStatus.None);
        for (uint256 i = 0; i < callers.length; ++i) {
            vm.prank(callers[i]);
            vm.expectRevert(unknown);
            miners.retire(device, "");
        }
        _enrol(_enrolment());
        miners.retire(device, "");
        bytes memory retired = abi.encodeWithSelector(I.DeviceStatusRefused.selector, device, I.DeviceStatus.Retired);
        for (uint256 i = 0; i < callers.length; ++i) {
            vm.prank(callers[i]);
            vm.expectRevert(retired);
            miners.retire(device, "");
        }
    }

    /// The first device of a model numbers it; each further one costs its fleet's slot and one of its own, and no key is
    /// written where there is none to keep.
    function test_an_enrolment_writes_one_slot_for_the_device_and_one_for_the_fleet() public {
        _enrol(_enrolment());
        vmStorage.record();
        address second = _enrolKey(OTHER_KEY);
        (, bytes32[] memory writes) = vmStorage.accesses(address(miners));
        bytes32 deviceSlot = keccak256(abi.encode(second, LAYOUT + 1));
        bytes32 fleetSlot = keccak256(abi.encode(licence, LAYOUT + 2));
        bool deviceSeen = false;
        bool fleetSeen = false;
        for (uint256 i = 0; i < writes.length; ++i) {
            if (writes[i] == deviceSlot) deviceSeen = true;
            else if (writes[i] == fleetSlot) fleetSeen = true;
            else revert Unequal("another slot", writes[i], bytes32(i));
        }
        _eq("device", deviceSeen, true);
        _eq("fleet", fleetSeen, true);
    }

    /// Models are numbered in 16 bits. A maker that has used them all up goes on making what it has.
    function test_the_last_model_leaves_room_for_devices_of_the_earlier_ones() public {
        _enrol(_enrolment());
        bytes32 fleetSlot = keccak256(abi.encode(licence, LAYOUT + 2));
        uint256 fleet = uint256(vm.load(address(miners), fleetSlot));
        _eq("one model", (fleet >> 96) & 0xffff, 1);
        vmStorage.store(address(miners), fleetSlot, bytes32(fleet | (0xffff << 96)));
        address second = _enrolKey(OTHER_KEY);
        _eq("model", miners.deviceInfo(second).modelId, MODEL);
    }

    /// ecrecover answers zero for what is no signature, which must not pass for a signer of that address; the registry of
    /// licences refuses such a signer, and this one doesn't rely on it.
    function test_attack_no_signature_for_a_licence_of_the_zero_address() public {
        bytes memory setup = abi.encodeCall(
            MinerRegistry.initialize,
            (address(manager), address(new CarelessLicences()))
        );
        miners = MinerRegistry(_proxy(address(new MinerRegistry()), setup));
        I.Enrolment memory e = _enrolment();
        bytes32 digest = _digest(e);
        bytes memory noSignature = abi.encodePacked(new bytes(64), uint8(27));
        _eq("naive", ecrecover(digest, 27, 0, 0), address(0));
        bytes memory byDevice = _sign(DEVICE_KEY, digest);
        vm.expectRevert(abi.encodeWithSelector(I.LicenceSignatureInvalid.selector, licence, new bytes(20)));
        miners.enrol(e, noSignature, byDevice);
    }
}

interface VmStorage {
    function record() external;
    function accesses(address target) external returns (bytes32[] memory reads, bytes32[] memory writes);
    function store(address target, bytes32 slot, bytes32 value) external;
}
